"""x"""
from tests.openstack_full.conftest import Tenant

def test_up(tenant: Tenant) -> None:
    print([f.name for f in tenant.connection.compute.flavors()])
    print(tenant.connection.network.get(f"/quotas/{tenant.connection.current_project_id}/details.json").json())
    print(tenant.connection.compute.get_limits().absolute.to_dict())
