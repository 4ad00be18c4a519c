"""How our templates become Python: what Jinja writes for any template, but quicker where ours ask for less.

Jinja asks at every call what the called wants handed in, tries an attribute of a dict before its key, and
wraps each block that is handed to a method. Here texts of the environment's language, macros of the template
itself and methods are called as they are. The tests hold what both make of every mail against each other.
"""

from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.idtracking import VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED
from jinja2.nodes import EvalContext

from notifications.render.macros import Takes, is_plain, macros_of, takes_of

_TEXTS = frozenset({"_", "gettext", "ngettext"})
_OF_DICTS = frozenset(dir(dict))
_IMPORTS = "from notifications.render.macros import QuickMacro, of"
# Templates that only lay out, and what a rule's `it` is made of.
_LAID_OUT = frozenset({"digest/mail.html.j2", "digest/mail.txt.j2", "digest/parts.mjml.j2"})
_OF_IT = frozenset({"names", "formats", "nudge"})
# Made by `wording.py` for the language.
_WORDING = "said, texts, plain, counted = environment.wording[context.eval_ctx.autoescape]"


class Compiler(CodeGenerator):
    """Writes the Python of one template."""

    _put_out: nodes.Expr | None = None

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        set_anew = {each.name for each in node.find_all(nodes.Name) if each.ctx != "load"}
        self._macros: dict[str, Takes] = {}
        self._modules: dict[str, Mapping[str, Takes]] = {}
        for each in node.body:
            if isinstance(each, nodes.Macro):
                self._macros |= takes_of(each)
            elif isinstance(each, nodes.FromImport | nodes.Import) and isinstance(each.template, nodes.Const):
                self._import(each, self._macros_of(each.template.value))
        for name in set_anew & {*self._macros, *self._modules}:
            self._macros.pop(name, None)
            self._modules.pop(name, None)
        self.writeline(_IMPORTS)
        super().visit_Template(node, frame)

    def _macros_of(self, template: str) -> Mapping[str, Takes]:
        """The macros of another template, unless that is plain text and this is not: a page escapes it."""
        escaped = {EvalContext(self.environment, name).autoescape for name in (self.name, template)}
        return macros_of(self.environment, template) if len(escaped) == 1 else {}

    def _import(self, node: nodes.FromImport | nodes.Import, found: Mapping[str, Takes]) -> None:
        if isinstance(node, nodes.Import):
            self._modules[node.target] = found
            return
        for each in node.names:
            name, alias = (each, each) if isinstance(each, str) else each
            if name in found:
                self._macros[alias] = found[name]

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline(_WORDING)

    def enter_frame(self, frame: Frame) -> None:
        """Texts are not looked up in the context."""
        loads = frame.symbols.loads
        frame.symbols.loads = {ref: load for ref, load in loads.items() if not _is_text(load)}
        super().enter_frame(frame)
        frame.symbols.loads = loads

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """A block of plain text handed to a method is a function."""
        node = macro_ref.node
        if isinstance(node, nodes.CallBlock) and not node.args and not _escapes(frame) and is_plain(node):
            self.write("macro")
            return
        self.write("Quick")
        super().macro_def(macro_ref, frame)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        if self._says(node, frame):
            self.write(f"{self.get_resolve_func()}({node.name!r})")
        else:
            super().visit_Name(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """What a value has under a name; of a dict by its key, unless all dicts have such an attribute."""
        if self._is_ours(node.node):
            self.visit(node.node, frame)
            self.write(f".{node.attr}")
            return
        if node.attr in _OF_DICTS:
            super().visit_Getattr(node, frame)
            return
        self.write("of(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")

    def _is_ours(self, node: nodes.Expr) -> bool:
        """Whether it is a value of ours whatever the data: of the content model, or what a rule fills in."""
        if self.name in _LAID_OUT:
            return True
        if isinstance(node, nodes.Getattr) and node.attr in _OF_IT:
            node = node.node
        return isinstance(node, nodes.Name) and node.name == "it"

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - Jinja's name
        if self._says(node.node, frame) and _of_constants(node):
            self._text(node, frame)
        elif not forward_caller and (takes := self._macro(node, frame)) is not None:
            self.write("Markup(" if _escapes(frame) and node is not self._put_out else "(")
            self._call_macro(node, frame, takes)
            self.write(")")
        elif self._is_direct(node, frame):
            self.visit(node.node, frame)
            self._arguments(node, frame, forward_caller=forward_caller)
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)

    def visit_ScopedEvalContextModifier(  # noqa: N802 - Jinja's name
        self, node: nodes.ScopedEvalContextModifier, frame: Frame
    ) -> None:
        """What a template says is escaped or not, for all of it alike."""
        self.fail("`{% autoescape %}`: the name of a template decides, see environment.escapes", node.lineno)

    def _says(self, node: nodes.Node, frame: Frame) -> bool:
        if not isinstance(node, nodes.Name) or node.ctx != "load" or node.name not in _TEXTS:
            return False
        return _is_text(frame.symbols.find_load(frame.symbols.ref(node.name)))

    def _text(self, node: nodes.Call, frame: Frame) -> None:
        """A text in the language of the environment, what it says of the data filled in."""
        words = [each.value for each in node.args[:2] if isinstance(each, nodes.Const)]
        if _bare(node):
            self.write(f"plain[{words[0]!r}]")
            return
        self.write(f"(texts[{words[0]!r}] % " if len(words) == 1 else f"counted({words[0]!r}, {words[1]!r}, ")
        for each in node.args[2:]:
            self.visit(each, frame)
            self.write(", ")
        self._named(node, frame)
        self.write(")")

    def _named(self, node: nodes.Call, frame: Frame) -> None:
        self.write("{")
        for each in node.kwargs:
            self.write(f"{each.key!r}: ")
            self.visit(each.value, frame)
            self.write(", ")
        self.write("}")

    def _macro(self, node: nodes.Call, frame: Frame) -> Takes | None:
        """What the macro takes that is called here, if it is known and given what it takes."""
        called, takes = node.node, None
        if isinstance(called, nodes.Name) and self._is_here(called, frame):
            takes = self._macros.get(called.name)
        elif (
            isinstance(called, nodes.Getattr)
            and isinstance(called.node, nodes.Name)
            and self._is_here(called.node, frame)
        ):
            takes = self._modules.get(called.node.name, {}).get(called.attr)
        if takes is None or node.dyn_args or node.dyn_kwargs or len(node.args) > len(takes):
            return None
        return takes if {each.key for each in node.kwargs} <= {*takes[len(node.args) :]} else None

    def _call_macro(self, node: nodes.Call, frame: Frame, takes: Takes) -> None:
        named = {each.key: each.value for each in node.kwargs}
        self.visit(node.node, frame)
        self.write("._func(")
        for number, name in enumerate(takes):
            given = node.args[number] if number < len(node.args) else named.get(name)
            if given is None:
                self.write("missing")
            else:
                self.visit(given, frame)
            self.write(", ")
        self.write(")")

    def _is_direct(self, node: nodes.Call, frame: Frame) -> bool:
        """Whether it is a method called by plain text: nothing is handed in."""
        named = node.dyn_args or node.dyn_kwargs or any(map(iskeyword, (each.key for each in node.kwargs)))
        return isinstance(node.node, nodes.Getattr) and not named and not _escapes(frame)

    def _is_here(self, node: nodes.Name, frame: Frame) -> bool:
        """Whether the name is the template's own, and nothing of that name lies around the call."""
        ref = frame.symbols.ref(node.name)
        load = frame.symbols.find_load(ref)
        return ref == f"l_0_{node.name}" and (load is None or load[0] == VAR_LOAD_UNDEFINED)

    def _arguments(self, node: nodes.Call, frame: Frame, *, forward_caller: bool) -> None:
        self.write("(")
        for each in (*node.args, *node.kwargs):
            self.visit(each, frame)
            self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self._put_out = node
        self.write("(" if self._is_said(node, frame) else "said(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")

    def _is_said(self, node: nodes.Expr, frame: Frame) -> bool:
        """Whether it is a text or a macro, which has put out the data in it already."""
        if not isinstance(node, nodes.Call):
            return False
        text = self._says(node.node, frame) and _of_constants(node) and _bare(node)
        return text or self._macro(node, frame) is not None


def _escapes(frame: Frame) -> bool:
    return frame.eval_ctx.autoescape


def _is_text(load: Any) -> bool:
    return load is not None and load[0] == VAR_LOAD_RESOLVE and load[1] in _TEXTS


def _of_constants(node: nodes.Call) -> bool:
    """Whether a text is called as `{% trans %}` does: by its constant words, the rest by name."""
    if node.dyn_args or node.dyn_kwargs or not isinstance(node.node, nodes.Name):
        return False
    words = node.args[:2]
    constant = all(isinstance(each, nodes.Const) and isinstance(each.value, str) for each in words)
    return constant and len(node.args) == (3 if node.node.name == "ngettext" else 1)


def _bare(node: nodes.Call) -> bool:
    """Whether a text says nothing of the data."""
    return len(node.args) == 1 and not node.kwargs
