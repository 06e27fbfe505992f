"""The KPIs of both crafts, a module per kind of file that they are computed from."""
