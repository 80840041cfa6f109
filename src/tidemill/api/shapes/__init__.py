"""What travels: bodies and answers, versioned apart from what the house is made of inside."""
