//! The client as generated from the OpenAPI document.
//!
//! It sends the document's version with each request, and uses the types of [`dpd_types`] in place
//! of generated ones: they are what the document was made from.

#![allow(missing_docs, unreachable_pub, unused_imports)]
#![allow(clippy::all, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

progenitor::generate_api!(
    spec = "../../openapi/dpd.json",
    interface = Builder,
    // A device may take its time for a large change; a connection should not.
    timeout = 60,
    replace = {
        Adopt = dpd_types::Adopt,
        ChangeOp = dpd_types::ChangeOp,
        ChangesPage = dpd_types::ChangesPage,
        Digest = dpd_types::Digest,
        EnsureRequest = dpd_types::EnsureRequest,
        EnsureResult = dpd_types::EnsureResult,
        EntriesPage = dpd_types::EntriesPage,
        EntryConflict = dpd_types::EntryConflict,
        // In a box, so that a result is not as large as the largest error.
        Error = std::boxed::Box<dpd_types::Error>,
        Generation = dpd_types::Generation,
        GenerationInfo = dpd_types::GenerationInfo,
        GenerationInfoPage = dpd_types::Page<dpd_types::GenerationInfo>,
        GroupName = dpd_types::GroupName,
        GroupRows = dpd_types::GroupRows,
        GroupState = dpd_types::GroupState,
        GroupView = dpd_types::GroupView,
        GroupViewPage = dpd_types::Page<dpd_types::GroupView>,
        InvalidEntry = dpd_types::InvalidEntry,
        Ipv4Page = dpd_types::Page<std::net::Ipv4Addr>,
        Ipv6Page = dpd_types::Page<std::net::Ipv6Addr>,
        MacAddr = dpd_types::MacAddr,
        NatChange = dpd_types::NatChange,
        NatEntry = dpd_types::NatEntry,
        NatEntryPage = dpd_types::Page<dpd_types::NatEntry>,
        NatSlot = dpd_types::NatSlot,
        NatTarget = dpd_types::NatTarget,
        PerFamily = dpd_types::PerFamily,
        TableCounter = dpd_types::TableCounter,
        TableCounterData = dpd_types::TableCounterData,
        TableDump = dpd_types::TableDump,
        TableEntry = dpd_types::TableEntry,
    },
);
