//! Numbers of any width at any bit of a packet, for what does not keep to whole bytes.

use super::operators::mask;

/// Reads numbers one after the other.
pub(super) struct BitReader<'d> {
    data: &'d [u8],
    bit: usize,
}

impl<'d> BitReader<'d> {
    /// Begins at a bit of the data, counted from the first byte's highest.
    pub(super) fn new(data: &'d [u8], bit: usize) -> BitReader<'d> {
        BitReader { data, bit }
    }

    /// The next number of at most 128 bits; bits behind the data's end are zero.
    pub(super) fn read(&mut self, width: u32) -> u128 {
        let (mut value, mut left) = (0_u128, width);
        while left > 0 {
            let byte = self.data.get(self.bit / 8).copied().unwrap_or(0);
            let unused = (self.bit % 8) as u32;
            let take = left.min(8 - unused);
            let part = (u128::from(byte) >> (8 - unused - take)) & mask(take);
            value = (value << take) | part;
            self.bit += take as usize;
            left -= take;
        }
        value
    }
}

/// Writes numbers one after the other behind what is there.
pub(super) struct BitWriter<'d> {
    data: &'d mut Vec<u8>,
    bit: usize,
}

impl<'d> BitWriter<'d> {
    /// Continues at a bit of the data, which is cut or filled up with zeros to there.
    pub(super) fn new(data: &'d mut Vec<u8>, bit: usize) -> BitWriter<'d> {
        data.resize(bit.div_ceil(8), 0);
        if let (Some(last), used @ 1..) = (data.last_mut(), bit % 8) {
            *last &= !(0xff >> used);
        }
        BitWriter { data, bit }
    }

    /// Appends the low `width` bits of a number.
    pub(super) fn write(&mut self, value: u128, width: u32) {
        let mut left = width;
        while left > 0 {
            let used = (self.bit % 8) as u32;
            if used == 0 {
                self.data.push(0);
            }
            let take = left.min(8 - used);
            let part = (value >> (left - take)) & mask(take);
            if let Some(last) = self.data.last_mut() {
                *last |= (part << (8 - used - take)) as u8;
            }
            self.bit += take as usize;
            left -= take;
        }
    }

    /// Where the next number would begin.
    pub(super) fn bit(&self) -> usize {
        self.bit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_at_any_bit() {
        let mut data = vec![0xff];
        let mut writer = BitWriter::new(&mut data, 3);
        writer.write(0x5, 3);
        writer.write(u128::MAX, 128);
        writer.write(0, 1);
        writer.write(0x1234, 16);
        let end = writer.bit();
        assert_eq!(end, 3 + 3 + 128 + 1 + 16);
        let mut reader = BitReader::new(&data, 3);
        assert_eq!(reader.read(3), 0x5);
        assert_eq!(reader.read(128), u128::MAX);
        assert_eq!(reader.read(1), 0);
        assert_eq!(reader.read(16), 0x1234);
        assert_eq!(reader.read(128), 0, "behind the end");
        assert_eq!(data[0], 0b1111_0111);
    }
}
