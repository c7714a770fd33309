"""From TOSCA templates and CSAR archives to Kubernetes manifests.

`translating.py` is the activity. All that touches foreign content (downloads, archives,
YAML, the TOSCA parser) happens in a process of its own (`__main__.py`), which `process.py` starts, limits and
kills.
"""
