"""The mutants of one module: each is its source with one small mistake, of the kinds that tests are there to notice.

The mistakes are cosmic-ray's, one for each of a kind (`<` becomes `<=`, and not also `>`, `==` and `is`), and the
removal of a statement, which it does not make. Decorators and annotations are left alone: they change nothing that a
test could notice, or everything.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import ExprStmt, Keyword

_CORE = (
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceBinaryOperator_Pow_Mul",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Lt_Gt",
    "ReplaceComparisonOperator_Gt_Lt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "AddNot",
    "NumberReplacer",
    "ZeroIterationForLoop",
)
REMOVE = "RemoveStatement"
_OPERATIONS = ("term", "power", "expr_stmt", "annassign")


class RemoveStatement(Operator):  # type: ignore[misc]  # the library has no types
    """`pass` instead of a call, an assignment that changes something, a `raise`, or a `return` with a value."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """The statement's place, if it is such a statement."""
        if node.type == "simple_stmt" and _does_something(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The statement, replaced."""
        first = node.children[0].get_first_leaf()
        node.children[0] = Keyword("pass", first.start_pos, prefix=first.prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        """None: what it does is tested in tests/mutants."""
        return ()


def _does_something(statement: Any) -> bool:
    if isinstance(statement, ExprStmt):
        target, sign = statement.children[0], statement.children[1]
        return sign.type == "operator" and (sign.value != "=" or target.type in ("atom_expr", "power"))
    return statement.type in ("atom_expr", "power", "raise_stmt", "return_stmt", "del_stmt")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: its operator, which of that operator's places it is, and the line of that place, from 1."""

    operator: str
    occurrence: int
    line: int


def _operator(name: str) -> Any:
    return RemoveStatement() if name == REMOVE else get_operator(f"core/{name}")()


def mutants(source: str, only: Container[str] = ()) -> list[Mutant]:
    """All mutants of a module, or those of the functions, classes and constants at its top that `only` names."""
    nodes = list(ast_nodes(get_ast(source)))
    found = []
    for name in (*_CORE, REMOVE):
        operator = _operator(name)
        places = ((node, place) for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (node, (start, _)) in enumerate(places):
            if not _is_left_alone(node) and (not only or _name_at_the_top(node) in only):
                found.append(Mutant(name, occurrence, start[0]))
    return found


def mutated(source: str, mutant: Mutant) -> str:
    """The module with that mistake."""
    text = mutate_code(source, _operator(mutant.operator), mutant.occurrence)
    assert text is not None, "the mutant is of another source"
    return str(text)


def _is_left_alone(node: Any) -> bool:
    """Whether it belongs to a decorator or an annotation, or is a star or a slash among parameters or arguments."""
    if node.type == "operator" and node.parent.type not in _OPERATIONS and node.value in ("*", "**", "/"):
        return True
    while node.parent is not None:
        parent = node.parent
        if node.type == "decorator" or (parent.type == "funcdef" and node is parent.annotation):
            return True
        if parent.type in ("annassign", "tfpdef") and node is parent.children[1 if parent.type == "annassign" else 2]:
            return True
        node = parent
    return False


def _name_at_the_top(node: Any) -> str:
    while node.parent.parent is not None:
        node = node.parent
    if node.type == "decorated":
        node = node.children[-1]
    if node.type in ("funcdef", "classdef"):
        return str(node.name.value)
    return str(node.get_first_leaf().value)
