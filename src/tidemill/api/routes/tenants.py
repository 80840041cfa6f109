"""`/tenants`: whose data there is, and how much each may have."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response

from tidemill.access.identity import Tenant
from tidemill.access.role import Permission
from tidemill.api import PREFIX
from tidemill.api.answers import sent, tag
from tidemill.api.callers import doors_of, needs
from tidemill.api.conditions import IfMatch, version_of
from tidemill.api.desk import Desk
from tidemill.api.shapes.access import (
    TenantChangeIn,
    TenantIn,
    TenantOut,
    TenantsOut,
    UseOut,
    quota_of,
    tenant_out,
    use_out,
)
from tidemill.api.shapes.shape import Name
from tidemill.client.directory import Kept

routes: Final = APIRouter(prefix=f"{PREFIX}/tenants", tags=["tenants"])

Reading = Annotated[Desk, needs(Permission.TENANTS_READ)]
Changing = Annotated[Desk, needs(Permission.TENANTS_CHANGE)]


@routes.get("", operation_id="listTenants", response_model=TenantsOut)
async def list_tenants(desk: Reading) -> Response:
    """List the tenants that were made known, by name."""
    found = await desk.tenants.afind()
    return sent({"tenants": [tenant_out(each.value, each.version) for each in found]})


@routes.post("", operation_id="createTenant", status_code=201, response_model=TenantOut)
async def create(body: TenantIn, desk: Changing) -> Response:
    """Make a tenant known."""
    tenant = await desk.tenants.acreate(body.name, title=body.title, quota=quota_of(body.quota))
    return sent(tenant_out(tenant, 1), 201, etag=tag(1))


@routes.get("/{name}", operation_id="getTenant", response_model=TenantOut)
async def get(name: Name, desk: Reading) -> Response:
    """Look at one tenant."""
    return _shown(await desk.tenants.aget(name))


@routes.get("/{name}/use", operation_id="getUse", response_model=UseOut)
async def use(name: Name, desk: Reading) -> Response:
    """Tell how many jobs a tenant has now, to hold against its quota; as of a moment ago."""
    await desk.tenants.aget(name)
    return sent(use_out(await desk.counts_of(name)))


@routes.patch("/{name}", operation_id="changeTenant", response_model=TenantOut)
async def change(
    request: Request, name: Name, body: TenantChangeIn, desk: Changing, seen: IfMatch = None
) -> Response:
    """Change what is known of a tenant; nobody of one that is disabled may come in."""
    given: dict[str, Any] = {
        name: value for name in body.model_fields_set if (value := getattr(body, name)) is not None
    }
    if body.quota is not None:
        given["quota"] = quota_of(body.quota)
    kept = await desk.tenants.achange(name, expected=version_of(seen), **given)
    doors_of(request).forget()
    return _shown(kept)


@routes.delete("/{name}", operation_id="deleteTenant", status_code=204)
async def delete(name: Name, desk: Changing, seen: IfMatch = None) -> Response:
    """Forget a tenant and its quota; its jobs stay."""
    await desk.tenants.adelete(name, expected=version_of(seen))
    return Response(status_code=204)


def _shown(kept: Kept[Tenant]) -> Response:
    return sent(tenant_out(kept.value, kept.version), etag=tag(kept.version))
