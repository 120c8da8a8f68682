//! Rows under a header, aligned.

use std::fmt;
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Padding, Style};

/// A row of some list, which knows its own header and cells, so that any list prints the same way.
pub(crate) trait Row {
    /// The header.
    const COLUMNS: &'static [Column];

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// A column of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) align: Align,
}

/// Where a cell stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// For text.
    Left,
    /// For numbers.
    Right,
}

/// Rows of cells. Displays as lines, each with a newline at its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    lines: Vec<Vec<String>>,
    align: Vec<Align>,
}

impl Column {
    /// A column of text.
    pub(crate) const fn text(title: &'static str) -> Self {
        Self { title, align: Align::Left }
    }

    /// A column of numbers.
    pub(crate) const fn number(title: &'static str) -> Self {
        Self { title, align: Align::Right }
    }
}

impl Grid {
    /// A list with its header.
    pub(crate) fn of<R: Row>(rows: &[R]) -> Self {
        let titles = R::COLUMNS.iter().map(|column| column.title.to_owned()).collect();
        let mut grid = Self::without_header(R::COLUMNS.iter().map(|column| column.align));
        grid.push(titles);
        rows.iter().for_each(|row| grid.push(row.cells()));
        grid
    }

    /// Lines to come, aligned like this. A column beyond these is text.
    pub(crate) fn without_header(align: impl IntoIterator<Item = Align>) -> Self {
        Self { lines: Vec::new(), align: align.into_iter().collect() }
    }

    /// Adds a line of cells.
    pub(crate) fn push(&mut self, cells: Vec<String>) {
        self.lines.push(cells);
    }

    /// The aligned lines, without newlines and without spaces at their ends.
    pub(crate) fn lines(self) -> Vec<String> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let Self { lines, align } = self;
        let mut table = Builder::from_iter(lines).build();
        table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
        for (index, align) in align.into_iter().enumerate() {
            if align == Align::Right {
                table.modify(Columns::one(index), Alignment::right());
            }
        }
        table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clone().lines().iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Port(&'static str, u16);

    impl Row for Port {
        const COLUMNS: &'static [Column] = &[Column::text("NAME"), Column::number("PORT")];

        fn cells(&self) -> Vec<String> {
            vec![self.0.to_owned(), self.1.to_string()]
        }
    }

    #[test]
    fn text_stands_left_and_numbers_right() {
        let grid = Grid::of(&[Port("domain", 53), Port("https", 443), Port("dpd", 12224)]);
        assert_eq!(
            grid.to_string(),
            "\
NAME     PORT
domain     53
https     443
dpd     12224
"
        );
    }

    #[test]
    fn a_list_of_nothing_is_its_header() {
        assert_eq!(Grid::of::<Port>(&[]).to_string(), "NAME  PORT\n");
    }
}
