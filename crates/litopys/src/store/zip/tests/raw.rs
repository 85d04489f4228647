//! ZIP files field by field: canonical to begin with, for a test or a vector to spoil. It shares nothing with the code that it tests.

/// A ZIP file.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawZip {
    /// Bytes before the first member.
    pub(crate) before: Vec<u8>,
    pub(crate) members: Vec<RawMember>,
    /// Bytes between the last member and the central directory.
    pub(crate) before_directory: Vec<u8>,
    /// Bytes between the central directory and the end records.
    pub(crate) before_end: Vec<u8>,
    /// The ZIP64 end record and locator, if there are any.
    pub(crate) zip64: Option<RawEnd64>,
    pub(crate) end: RawEnd,
    /// Bytes behind it all.
    pub(crate) after: Vec<u8>,
}

/// A member: what stands before its local header, both headers, its data.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawMember {
    pub(crate) before: Vec<u8>,
    /// Absent: a member that only the central directory knows.
    pub(crate) local: Option<RawHeader>,
    pub(crate) data: Vec<u8>,
    /// Bytes behind the data, such as a data descriptor.
    pub(crate) after: Vec<u8>,
    /// Absent: a member that the central directory doesn't know.
    pub(crate) central: Option<RawHeader>,
}

/// A header. The last fields stand only in central ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawHeader {
    pub(crate) version: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) time: u16,
    pub(crate) date: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u32,
    pub(crate) size: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) extra: Vec<u8>,
    pub(crate) made_by: u16,
    pub(crate) comment: Vec<u8>,
    pub(crate) disk: u16,
    pub(crate) internal: u16,
    pub(crate) external: u32,
    /// Absent: where the local header is.
    pub(crate) offset: Option<u32>,
}

/// The end record; what is absent is what it should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawEnd {
    pub(crate) disks: [u16; 2],
    pub(crate) counts: [Option<u16>; 2],
    pub(crate) size: Option<u32>,
    pub(crate) offset: Option<u32>,
    pub(crate) comment: Vec<u8>,
}

/// The ZIP64 end record and locator; what is absent is what it should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawEnd64 {
    pub(crate) counts: [Option<u64>; 2],
    pub(crate) size: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) locator: Option<u64>,
}

impl RawZip {
    /// The canonical ZIP file of these members, while none needs ZIP64.
    pub(crate) fn new<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let members = members.into_iter().map(|(name, data)| RawMember::new(name.as_bytes(), data)).collect();
        Self { members, ..Self::default() }
    }

    /// The member of this name.
    pub(crate) fn member(&mut self, name: &str) -> &mut RawMember {
        let is_it = |m: &&mut RawMember| m.central.as_ref().is_some_and(|c| c.name == name.as_bytes());
        self.members.iter_mut().find(is_it).unwrap()
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        let mut count = 0u16;
        for member in &self.members {
            out.extend(&member.before);
            let offset = out.len() as u32;
            if let Some(local) = &member.local {
                out.extend(b"PK\x03\x04");
                local.common(&mut out);
                out.extend(&local.name);
                out.extend(&local.extra);
            }
            out.extend(&member.data);
            out.extend(&member.after);
            if let Some(central) = &member.central {
                count += 1;
                central.central(offset, &mut directory);
            }
        }
        out.extend(&self.before_directory);
        let offset = out.len() as u32;
        let size = directory.len() as u32;
        out.extend(directory);
        out.extend(&self.before_end);
        if let Some(zip64) = &self.zip64 {
            zip64.write([count.into(), size.into(), offset.into()], &mut out);
        }
        let end = &self.end;
        out.extend(b"PK\x05\x06");
        out.extend(end.disks.map(u16::to_le_bytes).concat());
        out.extend(end.counts.map(|c| c.unwrap_or(count).to_le_bytes()).concat());
        out.extend(end.size.unwrap_or(size).to_le_bytes());
        out.extend(end.offset.unwrap_or(offset).to_le_bytes());
        out.extend((end.comment.len() as u16).to_le_bytes());
        out.extend(&end.comment);
        out.extend(&self.after);
        out
    }
}

impl RawMember {
    pub(crate) fn new(name: &[u8], data: &[u8]) -> Self {
        let size = data.len() as u32;
        let local = RawHeader {
            version: 20,
            date: 0x0021,
            crc: crc32fast::hash(data),
            packed: size,
            size,
            name: name.to_vec(),
            ..RawHeader::default()
        };
        let central = RawHeader { made_by: 0x031e, external: 0x81a4_0000, ..local.clone() };
        Self { local: Some(local), central: Some(central), data: data.to_vec(), ..Self::default() }
    }

    pub(crate) fn local(&mut self) -> &mut RawHeader {
        self.local.as_mut().unwrap()
    }

    pub(crate) fn central(&mut self) -> &mut RawHeader {
        self.central.as_mut().unwrap()
    }

    /// Does the same to both headers.
    pub(crate) fn both(&mut self, change: impl Fn(&mut RawHeader)) {
        change(self.local());
        change(self.central());
    }
}

impl RawHeader {
    fn common(&self, out: &mut Vec<u8>) {
        out.extend([self.version, self.flags, self.method, self.time, self.date].map(u16::to_le_bytes).concat());
        out.extend([self.crc, self.packed, self.size].map(u32::to_le_bytes).concat());
        out.extend([self.name.len(), self.extra.len()].map(|len| (len as u16).to_le_bytes()).concat());
    }

    fn central(&self, offset: u32, out: &mut Vec<u8>) {
        out.extend(b"PK\x01\x02");
        out.extend(self.made_by.to_le_bytes());
        self.common(out);
        out.extend([self.comment.len() as u16, self.disk, self.internal].map(u16::to_le_bytes).concat());
        out.extend([self.external, self.offset.unwrap_or(offset)].map(u32::to_le_bytes).concat());
        out.extend([self.name.as_slice(), &self.extra, &self.comment].concat());
    }
}

impl RawEnd64 {
    fn write(&self, [count, size, offset]: [u64; 3], out: &mut Vec<u8>) {
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\x03\x2d\0\0\0\0\0\0\0\0\0");
        out.extend(self.counts.map(|c| c.unwrap_or(count).to_le_bytes()).concat());
        out.extend([self.size.unwrap_or(size), self.offset.unwrap_or(offset)].map(u64::to_le_bytes).concat());
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(self.locator.unwrap_or(at).to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
}
