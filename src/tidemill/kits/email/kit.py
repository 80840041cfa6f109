"""Email: the module of the e-mail kit, its tasks and what they answer."""

from tidemill import Module


class Email(Module):
    """Sends mail.

    Example:
        >>> email = Email("shop-email", queue="email")
        >>> email.name
        'shop-email'
    """

    def __init__(self, name: str = "email", *, queue: str = "") -> None:
        """Make the kit; an application includes it.

        Args:
            name: of the module; two applications in one store need two.
            queue: that its jobs wait in; by default called as the module.
        """
        super().__init__(name, version="1.0.0", description="Sends mail.", needs=["mail"])
        self.queue = queue or name
