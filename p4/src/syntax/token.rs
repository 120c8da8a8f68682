//! Tokens: what the lexer makes of text, and what preprocessor and parser work on.

use std::sync::Arc;

use super::problem::Found;
use crate::source::Span;

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it stands; for a token that a macro gave, where the macro was used.
    pub(super) span: Span,
    /// Whether nothing but space and comments stands before it on its line.
    pub(super) starts_line: bool,
    /// Whether space or a comment stands before it.
    pub(super) after_space: bool,
    /// Whether it is the name of a macro that must not be expanded any more, because it came out of
    /// that macro's own expansion.
    pub(super) is_painted: bool,
}

/// What a token is.
///
/// What no token can begin with, or what has no end, is a token too: it matters only where it is
/// not skipped by the preprocessor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word that is none of the language's own.
    Name(Arc<str>),
    /// A word or symbol of the language.
    Terminal(Terminal),
    /// A number as it is written, which may turn out not to be one.
    Number(Arc<str>),
    /// What stands between double quotes, as it is written.
    String(Arc<str>),
    /// A character that nothing begins with.
    Unknown(char),
    /// A word or number that goes on after a backslash at the end of a line.
    Split,
    /// A string without its end.
    OpenString,
    /// A comment without its end.
    OpenComment,
    /// The end of the program.
    End,
}

macro_rules! terminals {
    (
        words { $($word:ident $word_text:literal,)+ }
        symbols { $($symbol:ident $symbol_text:literal,)+ }
    ) => {
        /// A word or symbol of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Terminal {
            $($word,)+
            $($symbol,)+
        }

        impl Terminal {
            /// All symbols, longer ones before those that they begin with.
            pub(super) const SYMBOLS: &[Terminal] = &[$(Terminal::$symbol,)+];

            /// The word, if it is one of the language.
            pub(super) fn from_word(word: &str) -> Option<Terminal> {
                match word {
                    $($word_text => Some(Terminal::$word),)+
                    _ => None,
                }
            }

            /// What it looks like.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Terminal::$word => $word_text,)+
                    $(Terminal::$symbol => $symbol_text,)+
                }
            }

            /// Whether it is a word.
            pub(super) fn is_word(self) -> bool {
                matches!(self, $(Terminal::$word)|+)
            }
        }
    };
}

terminals! {
    words {
        Abstract "abstract",
        Action "action",
        Actions "actions",
        Apply "apply",
        Bit "bit",
        Bool "bool",
        Break "break",
        Const "const",
        Continue "continue",
        Control "control",
        Default "default",
        Else "else",
        Entries "entries",
        Enum "enum",
        Error "error",
        Exit "exit",
        Extern "extern",
        False "false",
        For "for",
        Header "header",
        HeaderUnion "header_union",
        If "if",
        In "in",
        InOut "inout",
        Int "int",
        Key "key",
        List "list",
        MatchKind "match_kind",
        Out "out",
        Package "package",
        Parser "parser",
        Priority "priority",
        Return "return",
        Select "select",
        State "state",
        StringType "string",
        Struct "struct",
        Switch "switch",
        Table "table",
        This "this",
        Transition "transition",
        True "true",
        Tuple "tuple",
        Type "type",
        Typedef "typedef",
        ValueSet "value_set",
        Varbit "varbit",
        Void "void",
        DontCare "_",
    }
    symbols {
        SaturatingAddAssign "|+|=",
        SaturatingSubtractAssign "|-|=",
        Invalid "{#}",
        Dots "...",
        Mask "&&&",
        SaturatingAdd "|+|",
        SaturatingSubtract "|-|",
        ShiftLeftAssign "<<=",
        PasteMark "##",
        AddAssign "+=",
        SubtractAssign "-=",
        MultiplyAssign "*=",
        DivideAssign "/=",
        ModuloAssign "%=",
        AndAssign "&=",
        OrAssign "|=",
        XorAssign "^=",
        RangeDots "..",
        AndAnd "&&",
        OrOr "||",
        EqualEqual "==",
        NotEqual "!=",
        LessEqual "<=",
        GreaterEqual ">=",
        ShiftLeft "<<",
        PlusPlus "++",
        ParenOpen "(",
        ParenClose ")",
        BraceOpen "{",
        BraceClose "}",
        BracketOpen "[",
        BracketClose "]",
        Less "<",
        Greater ">",
        Assign "=",
        Semicolon ";",
        Colon ":",
        Comma ",",
        Dot ".",
        At "@",
        Question "?",
        Plus "+",
        Minus "-",
        Star "*",
        Slash "/",
        Percent "%",
        And "&",
        Or "|",
        Xor "^",
        Tilde "~",
        Not "!",
        Hash "#",
    }
}

impl TokenKind {
    /// The word, whether a name or one of the language.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            TokenKind::Name(name) => Some(name),
            TokenKind::Terminal(terminal) if terminal.is_word() => Some(terminal.text()),
            _ => None,
        }
    }

    /// As an error message shows it.
    pub(super) fn found(&self) -> Found {
        match self {
            TokenKind::Name(name) => Found::Name(Arc::clone(name)),
            TokenKind::Terminal(terminal) if terminal.is_word() => Found::Word(terminal.text()),
            TokenKind::Terminal(terminal) => Found::Symbol(terminal.text()),
            TokenKind::Number(text) => Found::Number(Arc::clone(text)),
            TokenKind::String(_) | TokenKind::OpenString => Found::String,
            TokenKind::Unknown(character) => Found::Character(*character),
            TokenKind::Split => Found::Character('\\'),
            TokenKind::OpenComment | TokenKind::End => Found::End,
        }
    }

    /// Writes the token as it stood in the source.
    pub(super) fn write(&self, text: &mut String) {
        match self {
            TokenKind::Name(name) | TokenKind::Number(name) => text.push_str(name),
            TokenKind::Terminal(terminal) => text.push_str(terminal.text()),
            TokenKind::String(raw) => {
                text.push('"');
                text.push_str(raw);
                text.push('"');
            }
            TokenKind::Unknown(character) => text.push(*character),
            TokenKind::Split => text.push('\\'),
            TokenKind::OpenString | TokenKind::OpenComment | TokenKind::End => {}
        }
    }
}

/// The tokens as text, with single spaces where space was.
pub(super) fn text_of(tokens: &[Token]) -> String {
    let mut text = String::new();
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && (token.after_space || token.starts_line) {
            text.push(' ');
        }
        token.kind.write(&mut text);
    }
    text
}
