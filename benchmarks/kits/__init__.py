"""The kits as an application has them, each against a real peer on this machine."""
