"""Enqueueing inside a transaction of SQLAlchemy: the job exists if the transaction commits."""

import asyncio

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tidemill import Tidemill

app = Tidemill("sqlite:///orm.db")
database = create_engine("sqlite:///orm.db")


class Base(DeclarativeBase):
    """What this program keeps besides its jobs."""


class Order(Base):
    """One order."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


@app.task
async def confirm(order: int) -> str:
    """Confirm an order."""
    return f"order {order} is confirmed"


def place(order: int, price: int) -> None:
    """Store an order, and the job that is due for it, in one transaction."""
    with Session(database) as session, session.begin():
        session.add(Order(id=order, price=price))
        confirm.using(tx=session).enqueue(order)
        if price < 0:
            raise ValueError(f"order {order} costs less than nothing")


def main() -> None:
    """Place one order, fail to place another, and see which jobs there are."""
    with app:
        Base.metadata.create_all(database)
        place(1, 20)
        try:
            place(2, -20)
        except ValueError as error:
            print(error)
        with Session(database) as session:
            orders = session.query(Order).count()
        jobs = list(app.jobs.find(tasks=[confirm.name]))
        print(f"orders: {orders}, jobs: {len(jobs)}")
        asyncio.run(app.worker().run_until_idle())
        print(jobs[0].result(timeout=0))
    database.dispose()


if __name__ == "__main__":
    main()
