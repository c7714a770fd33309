"""Clusters by the Infrastructure Manager, from TOSCA templates."""
