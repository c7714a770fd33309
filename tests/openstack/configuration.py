"""The configuration of OpenStack's services in tests: SQLite, no broker, loopback."""

from __future__ import annotations

SERVICE_USER = "services"
SERVICE_PASSWORD = "of the services"

KEYSTONE = """\
[database]
connection = sqlite:///{folder}/keystone.db?timeout=60
sqlite_synchronous = false
[token]
provider = fernet
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
[oslo_policy]
enforce_new_defaults = true
"""

_SIGNING_IN = f"""\
auth_url = {{keystone}}
auth_type = password
username = {SERVICE_USER}
password = {SERVICE_PASSWORD}
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
"""

_TOKENS = f"""\
[keystone_authtoken]
www_authenticate_uri = {{keystone}}
service_token_roles_required = true
service_token_roles = service
{_SIGNING_IN}"""

GLANCE = f"""\
[DEFAULT]
enabled_backends = files:file
workers = 1
[database]
connection = sqlite:///{{folder}}/glance.db?timeout=60
sqlite_synchronous = false
[oslo_messaging_notifications]
driver = noop
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = {{folder}}/images
[os_glance_staging_store]
filesystem_store_datadir = {{folder}}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {{folder}}/tasks
[paste_deploy]
flavor = keystone
config_file = {{environment}}/etc/glance/glance-api-paste.ini
{_TOKENS}"""

MAGNUM = f"""\
[DEFAULT]
state_path = {{folder}}/magnum
transport_url = fake://
periodic_interval_max = 1
[api]
api_paste_config = {{environment}}/etc/magnum/api-paste.ini
[database]
connection = sqlite:///{{folder}}/magnum.db?timeout=60
sqlite_synchronous = false
[certificates]
cert_manager_type = x509keypair
[oslo_concurrency]
lock_path = {{folder}}/locks
[oslo_messaging_notifications]
driver = noop
[cinder]
default_boot_volume_size = 10
[cinder_client]
region_name = RegionOne
[magnum_client]
region_name = RegionOne
[keystone_auth]
{_SIGNING_IN}{_TOKENS}"""
