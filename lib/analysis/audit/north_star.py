"""The North Star and what feeds it: a tree with typed edges, each input measured or not, owned or not."""

from __future__ import annotations

from dataclasses import dataclass

from lib.analysis.audit.metric_rows import slug
from lib.analysis.metrics.metric_change import KPI_STEPS
from lib.framework.journey import recognise
from lib.framework.recognise import recognise_kpi
from lib.workbook.model import Workbook

MAX_DEPTH = 6


@dataclass(frozen=True)
class Node:
    """One metric of the tree.

    Attributes:
        id: Metric id.
        name: Its name.
        kind: process | outcome | shared | unassigned.
        depth: 0 for the North Star.
        parent: Metric id it feeds, "" for the North Star.
        edge: arithmetic | hypothesis | "" for the North Star.
        edge_id: Id of the input record.
        is_measured: There is a series of it.
        owners: Who owns it.
        crosses: The team boundary runs between it and its parent: their owners have nobody in common.
    """

    id: str
    name: str
    kind: str
    depth: int
    parent: str
    edge: str
    edge_id: str
    is_measured: bool
    owners: tuple[str, ...]
    crosses: bool


@dataclass(frozen=True)
class Tree:
    """The tree, parents before their children."""

    nodes: tuple[Node, ...]
    loops: tuple[str, ...] = ()  # names of metrics that would feed themselves

    @property
    def feeds(self) -> frozenset[str]:
        """Ids of all metrics in it."""
        return frozenset(node.id for node in self.nodes)


def tree(workbook: Workbook, measured: frozenset[str]) -> Tree:
    """The tree below the workbook's North Star.

    Args:
        workbook: Its north_star, inputs and metrics.
        measured: Metric ids with a series.
    """
    root = workbook.north_star.metric
    if root not in workbook.metrics:
        return Tree(())
    nodes: list[Node] = []
    loops: list[str] = []

    def add(id: str, parent: str, edge: str, edge_id: str, path: tuple[str, ...]) -> None:
        metric = workbook.metrics.get(id)
        if metric is None:
            return
        if id in path or len(path) > MAX_DEPTH:
            loops.append(metric.name or id)
            return
        above = workbook.metrics.get(parent)
        crosses = bool(
            above and metric.owners and above.owners and not set(metric.owners) & set(above.owners)
        )
        nodes.append(
            Node(
                id,
                metric.name or id,
                metric.kind,
                len(path),
                parent,
                edge,
                edge_id,
                id in measured,
                metric.owners,
                crosses,
            )
        )
        for key, child in workbook.inputs.items():
            if child.parent == id:
                add(child.child, id, child.type, key, (*path, id))

    add(root, "", "", "", ())
    return Tree(tuple(nodes), tuple(loops))


@dataclass(frozen=True)
class Feed:
    """Whether an experiment or a metric feeds the North Star.

    Attributes:
        id: Its id.
        name: What a person calls it.
        kind: experiment | metric.
        by: Name of the metric of the tree through which it does; "" when it does not.
    """

    id: str
    name: str
    kind: str
    by: str


def feeding(workbook: Workbook, found: Tree) -> tuple[Feed, ...]:
    """Every experiment and every metric of the register, with the part of the tree it moves, if any.

    Args:
        workbook: Its experiments and metrics.
        found: The tree of its North Star.

    Returns:
        Experiments first. An experiment feeds by its outcome metric, else by its process metric.
    """
    out = []
    for id, test in workbook.experiments.items():
        by = _part(workbook, found, test.outcome_metric) or _part(workbook, found, test.process_metric)
        out.append(Feed(id, test.name or id, "experiment", by))
    names = {node.id: node.name for node in found.nodes}
    for id, metric in workbook.metrics.items():
        if metric.verdict != "drop":
            out.append(Feed(id, metric.name or id, "metric", names.get(id, "")))
    return tuple(out)


def _part(workbook: Workbook, found: Tree, column: str) -> str:
    """The metric of the tree that a column or event of an experiment counts, by id, name, catalogue or journey step."""
    if not column:
        return ""
    kpi, step = recognise_kpi(column), recognise(column)
    for node in found.nodes:
        metric = workbook.metrics[node.id]
        own = metric.kpi or (k.id if (k := recognise_kpi(node.name)) else "")
        same_name = slug(column) in (node.id, slug(node.name), slug(metric.series) if metric.series else "")
        same_kpi = kpi is not None and own == kpi.id
        same_step = kpi is None and step is not None and KPI_STEPS.get(own, "") == step.id
        if same_name or same_kpi or same_step:
            return node.name
    return ""
