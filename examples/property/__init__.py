"""Property management on tidemill: tickets, appointments, and the people who are told of them."""
