"""Enqueueing inside a transaction of `sqlite3`: the job exists if the transaction commits."""

import asyncio
import sqlite3
from contextlib import closing

from tidemill import Tidemill

app = Tidemill("sqlite:///shop.db")


@app.task
async def confirm(order: int) -> str:
    """Confirm an order."""
    return f"order {order} is confirmed"


def place(connection: sqlite3.Connection, order: int, price: int) -> None:
    """Store an order, and the job that is due for it, in one transaction."""
    with connection:
        connection.execute("INSERT INTO orders VALUES (?, ?)", (order, price))
        confirm.using(tx=connection).enqueue(order)
        if price < 0:
            raise ValueError(f"order {order} costs less than nothing")


def main() -> None:
    """Place one order, fail to place another, and see which jobs there are."""
    with app, closing(sqlite3.connect("shop.db")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER, price INTEGER)")
        place(connection, 1, 20)
        try:
            place(connection, 2, -20)
        except ValueError as error:
            print(error)
        (orders,) = connection.execute("SELECT count(*) FROM orders").fetchone()
        jobs = list(app.jobs.find(tasks=[confirm.name]))
        print(f"orders: {orders}, jobs: {len(jobs)}")
        asyncio.run(app.worker().run_until_idle())
        print(jobs[0].result(timeout=0))


if __name__ == "__main__":
    main()
