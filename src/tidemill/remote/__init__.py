"""A server of the API, asked from elsewhere: the nouns of an application, over HTTP."""
