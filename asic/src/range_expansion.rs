//! What a port range costs in rows of the device.

use crate::key::MatchKey;

/// How a device matches a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeExpansion {
    /// It compares with both bounds: any range is one row.
    None,
    /// A Tofino TCAM: it compares nibble by nibble, and a row says of each of the four nibbles
    /// which of the sixteen values it takes (a nibble is stored as sixteen bits, one for each
    /// value).
    ///
    /// So a row is a product of four sets of nibbles, and a range is as many of them as it takes
    /// to cover it nibble by nibble: `0400-ffff` is `0 [4-f] * *` and `[1-f] * * *`.
    TernaryNibbles,
}

impl RangeExpansion {
    /// How many rows the range from `low` to `high`, both included, takes: from 1 to 7, and 0 for
    /// a range that runs backwards and so matches nothing.
    ///
    /// ```
    /// use asic::RangeExpansion;
    ///
    /// assert_eq!(RangeExpansion::TernaryNibbles.rows(16384, 32767), 1);
    /// assert_eq!(RangeExpansion::TernaryNibbles.rows(1000, 1999), 4);
    /// assert_eq!(RangeExpansion::None.rows(1000, 1999), 1);
    /// ```
    pub const fn rows(self, low: u16, high: u16) -> u32 {
        if high < low {
            return 0;
        }
        match self {
            RangeExpansion::None => 1,
            RangeExpansion::TernaryNibbles => ternary_nibble_rows(low, high),
        }
    }

    /// How many rows of the device a row with this key takes.
    pub fn rows_of(self, key: &MatchKey) -> u32 {
        key.range().map_or(1, |(low, high)| self.rows(low, high))
    }
}

/// Counts from the last nibble to the first what sticks out below and above.
///
/// At each nibble, the values from `low` to before `end` are whole subtrees of a tree in which
/// every node has sixteen children. Those under one parent are one row, whichever they are: their
/// nibble is a set and all later nibbles are free. So the children under `low`'s parent cost a row
/// unless all sixteen are in, likewise those under `end`'s, and the parents between go on as
/// whole subtrees themselves. Once one parent has all of them, they are the last row.
const fn ternary_nibble_rows(low: u16, high: u16) -> u32 {
    let (mut low, mut end) = (low as u32, high as u32 + 1);
    let mut rows = 0;
    let mut parents_left = 3;
    while low < end {
        if parents_left == 0 || low >> 4 == (end - 1) >> 4 {
            let all_sixteen = low & 0xf == 0 && end & 0xf == 0;
            if parents_left == 0 || !all_sixteen {
                return rows + 1;
            }
        }
        if low & 0xf != 0 {
            rows += 1;
        }
        if end & 0xf != 0 {
            rows += 1;
        }
        low = low.div_ceil(16);
        end /= 16;
        parents_left -= 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::all_ports(0, 65535, 1)]
    #[case::a_quarter(0, 16383, 1)]
    #[case::another_quarter(16384, 32767, 1)]
    #[case::the_last_quarter(49152, 65535, 1)]
    #[case::the_first_port(0, 0, 1)]
    #[case::one_port(4789, 4789, 1)]
    #[case::the_last_port(65535, 65535, 1)]
    #[case::sixteen_ports(0x1230, 0x123f, 1)]
    #[case::across_a_nibble(15, 16, 2)]
    #[case::unprivileged_ports(1024, 65535, 2)]
    #[case::a_thousand_ports(1000, 1999, 4)]
    #[case::all_but_the_last(0, 65534, 4)]
    #[case::all_but_the_first(1, 65535, 4)]
    #[case::all_but_both_ends(1, 65534, 7)]
    #[case::backwards(2, 1, 0)]
    fn a_range_costs_a_tofino_as_many_rows_as_its_nibbles_need(
        #[case] low: u16,
        #[case] high: u16,
        #[case] rows: u32,
    ) {
        assert_eq!(RangeExpansion::TernaryNibbles.rows(low, high), rows);
    }

    #[test]
    fn a_device_that_compares_with_both_bounds_needs_one_row() {
        assert_eq!(RangeExpansion::None.rows(1, 65534), 1);
        assert_eq!(RangeExpansion::None.rows(2, 1), 0);
    }

    /// As measured of the real device.
    #[test]
    fn a_range_costs_a_tofino_six_rows_on_average_and_seven_at_most() {
        // Every 37th port as a bound: all pairs of them, so the average is over 1.5 million ranges.
        let bounds: Vec<u16> = (0..=65535).step_by(37).collect();
        let (mut total, mut ranges) = (0_u64, 0_u64);
        for (index, &low) in bounds.iter().enumerate() {
            for &high in &bounds[index..] {
                let rows = RangeExpansion::TernaryNibbles.rows(low, high);
                assert!((1..=7).contains(&rows), "{low}-{high}: {rows}");
                total += u64::from(rows);
                ranges += 1;
            }
        }
        let average = total as f64 / ranges as f64;
        assert!((6.35..6.45).contains(&average), "{average}");
    }

    /// For each of the four nibbles, the set of values that a row takes, one bit for each.
    type NibbleRow = [u16; 4];

    /// The rows of a range by taking the tree of nibbles apart from its root: the children that are
    /// wholly inside are one row, and each child that is partly inside is taken apart in turn.
    fn expand(low: u32, high: u32) -> Vec<NibbleRow> {
        fn node(path: &[u32], low: u32, high: u32, rows: &mut Vec<NibbleRow>) {
            let depth = path.len();
            let size = 16_u32.pow(3 - depth as u32);
            let start = path.iter().fold(0, |value, nibble| value * 16 + nibble) * size * 16;
            let mut whole = 0_u16;
            for nibble in 0..16 {
                let (first, last) = (start + nibble * size, start + (nibble + 1) * size - 1);
                if low <= first && last <= high {
                    whole |= 1 << nibble;
                } else if first <= high && low <= last {
                    node(&[path, &[nibble]].concat(), low, high, rows);
                }
            }
            if whole != 0 {
                let mut row = [0xffff; 4];
                for (set, nibble) in row.iter_mut().zip(path) {
                    *set = 1 << nibble;
                }
                row[depth] = whole;
                rows.push(row);
            }
        }
        let mut rows = Vec::new();
        node(&[], low, high, &mut rows);
        rows
    }

    fn takes(row: &NibbleRow, port: u32) -> bool {
        row.iter().zip([12, 8, 4, 0]).all(|(set, shift)| set >> (port >> shift & 0xf) & 1 == 1)
    }

    proptest! {
        // Each case looks at all ports.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_rows_are_those_of_the_tree_and_match_each_port_of_the_range_once(
            a in any::<u16>(), length in prop_oneof![0..300_u16, any::<u16>()],
        ) {
            let (low, high) = (a, a.saturating_add(length));
            let rows = expand(low.into(), high.into());
            prop_assert_eq!(
                RangeExpansion::TernaryNibbles.rows(low, high) as usize, rows.len(), "{:x?}", rows
            );
            for port in 0..=0xffff {
                let matching = rows.iter().filter(|row| takes(row, port)).count();
                let inside = (u32::from(low)..=u32::from(high)).contains(&port);
                prop_assert_eq!(matching, usize::from(inside), "port {}", port);
            }
        }
    }
}
