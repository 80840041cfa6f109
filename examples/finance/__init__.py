"""Finance Management: statements, receipts, budgets and what is told of them."""
