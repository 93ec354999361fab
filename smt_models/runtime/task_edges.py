"""The unmerged paths of a task as edges between states, as `edges` has those of an operation."""

from __future__ import annotations

from smt_models.runtime.edges import Edges, edges_of_paths
from smt_models.runtime.task_emit import numbers_of, task_updates
from smt_models.runtime.task_explore import ExploredTask
from smt_models.runtime.template import default


def task_edges(explored: ExploredTask) -> Edges:
    subject = explored.actions.subject
    variables = (*subject.constants, *subject.words, *explored.variables)
    return Edges(
        variables,
        subject.constants,
        explored.shaped,
        explored.shapes,
        explored.start,
        (subject.assumed,),
        tuple(edges_of_paths(explored.paths, variables, task_updates)),
        tuple((one.name, default(one)) for one in numbers_of(explored)),
    )
