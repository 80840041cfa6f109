"""What a decorated function declares: its name, its options, and how its calls travel."""

import inspect
import sys
import types
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Raw

from tidemill.core.errors import InvalidArguments, InvalidOption, Unserialisable
from tidemill.core.identity import check_name
from tidemill.tasks.charter import Charter
from tidemill.tasks.codec import RESULT_LIMIT, check_size, decoder, to_json
from tidemill.tasks.directives import Directive
from tidemill.tasks.options import TaskOptions
from tidemill.tasks.secret import MARK, NO_VAULT, Vault
from tidemill.tasks.signature import PAYLOAD_LIMIT, Arguments, Signature, resolve_annotations

R_co = TypeVar("R_co", covariant=True)


class Declaration(Generic[R_co]):
    """A function that can be run later, as the registry keeps it and the worker runs it.

    Attributes:
        name: what its jobs are stored under.
        function: the function as it was written.
        options: how its jobs run unless a call says otherwise.
        charter: what it has of the module that brings it; `None`: no module does.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        options: TaskOptions,
        *,
        name: str = "",
        payload_limit: int = PAYLOAD_LIMIT,
        vault: Vault = NO_VAULT,
        charter: Charter | None = None,
    ) -> None:
        """Declare a function.

        Args:
            function: as it was written.
            options: how its jobs run.
            name: what its jobs are stored under; by default its module and its name in it.
            payload_limit: bytes of JSON that the arguments of one call may have.
            vault: encrypts the arguments that are secret.
            charter: what it has of the module that brings it.

        Raises:
            InvalidOption: it can have no name of its own, such as a lambda.
            InvalidName: the name holds characters that are not allowed.
        """
        self.name = check_name("task", name or default_name(function))
        self.function = function
        self.options = options
        self.charter = charter
        self._payload_limit = payload_limit
        self._vault = vault

    def __repr__(self) -> str:
        return f"<Declaration {self.name}>"

    @property
    def is_async(self) -> bool:
        """Whether the function is written as `async def`."""
        return inspect.iscoroutinefunction(self.function)

    @cached_property
    def signature(self) -> Signature:
        """How its calls travel; made at the first use, when all that its annotations name is there.

        Raises:
            InvalidOption: an annotation that cannot be resolved, or that JSON cannot carry.
        """
        return Signature(self.name, self.function, self._payload_limit)

    def encode_args(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Arguments:
        """Check a call and write it as JSON; see `Signature.encode`."""
        try:
            return self.signature.encode(args, kwargs)
        except UnicodeEncodeError:
            raise InvalidArguments(
                f"arguments of {self.name}: a text holds half a surrogate pair",
                hint="it has no JSON form",
            ) from None

    def decode_args(
        self, payload: bytes, *, tenant: str = "", job: str = ""
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Read what to call the function with; see `Signature.decode`.

        Args:
            payload: as it is stored.
            tenant: whose job it is, and
            job: its id: what secrets are bound to.
        """
        return self.signature.decode(self.opened(payload, tenant=tenant, job=job))

    def sealed(self, arguments: Arguments, *, tenant: str, job: str) -> bytes:
        """The arguments of a job as they are stored: what is secret is encrypted.

        Raises:
            InvalidOption: no key is set.
        """
        stored = msgspec.json.decode(arguments.payload, type=dict[str, Raw])
        for name in arguments.secrets:
            plain = arguments.given[name].reveal()
            put = self._vault.seal(plain, tenant=tenant, job=job, parameter=name)
            stored[name] = Raw(msgspec.json.encode(put))
        return msgspec.json.encode(stored)

    def opened(self, payload: bytes, *, tenant: str, job: str) -> bytes:
        """The arguments of a job as they were given; the reverse of `sealed`.

        Raises:
            InvalidArguments: a secret is none of this job, or its key is gone.
        """
        if not self.signature.secrets or MARK.encode() not in payload:
            return payload
        stored = msgspec.json.decode(payload, type=dict[str, Raw])
        for name in self.signature.secrets:
            if isinstance(value := msgspec.json.decode(stored.get(name, b"null")), dict):
                plain = self._vault.open(value, tenant=tenant, job=job, parameter=name)
                stored[name] = Raw(msgspec.json.encode(plain))
        return msgspec.json.encode(stored)

    def encode_result(self, value: object) -> bytes:
        """Write down what the function returned.

        Raises:
            Unserialisable: a part of it has no JSON form.
            PayloadTooLarge: it is more than 1 MiB of JSON.
        """
        what = f"result of {self.name}"
        return check_size(to_json(value, what), RESULT_LIMIT, what)

    def decode_result(self, payload: bytes | None) -> R_co:
        """Read what the function returned, as what it is annotated to return.

        Raises:
            Unserialisable: what is stored is nothing of that type.
        """
        try:
            value: R_co = self._read_result(payload or b"null")
        except msgspec.MsgspecError as error:
            raise Unserialisable(
                f"result of {self.name} is not what it is annotated to return: {error}"
            ) from None
        return value

    @cached_property
    def _read_result(self) -> Callable[[bytes], Any]:
        kind = _without_directives(resolve_annotations(self.name, self.function).get("return", Any))
        try:
            return decoder(kind)
        except TypeError:
            # JSON cannot tell the members of this union apart; its reader gets plain values.
            return decoder(Any)


def default_name(function: Callable[..., Any]) -> str:
    """The name of a task that was given none: its module and its name in it.

    A function of the program that was started lives in `__main__`, which is another module in
    every program, so the module is then named as others would import it.

    Raises:
        InvalidOption: it is a lambda, or an object without a name.
    """
    name = getattr(function, "__qualname__", "<nameless>").replace(".<locals>", "")
    if "<" in name:
        raise InvalidOption(f"{function!r} has no name", hint='give it one: task(name="...")')
    return f"{_module_name(function)}.{name}"


def _module_name(function: Callable[..., Any]) -> str:
    if function.__module__ != "__main__":
        return function.__module__
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec and spec.name != "__main__":  # python -m package.module
        return str(spec.name).removesuffix(".__main__")
    file = Path(getattr(main, "__file__", None) or "main")
    name = file.parent.name if file.stem == "__main__" else file.stem
    return "main" if "<" in name else name  # typed in, or read from a pipe


def _without_directives(kind: Any) -> Any:
    """The type of a result: directives say what becomes of a job and are never its result."""
    if inspect.isclass(kind) and issubclass(kind, Directive):
        return Any
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    members = tuple(
        member
        for member in get_args(kind)
        if not (inspect.isclass(member) and issubclass(member, Directive))
    )
    return Union[members] if members else Any  # noqa: UP007 - made at run time
