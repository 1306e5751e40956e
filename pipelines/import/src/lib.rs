//! Other people's records as events of the contract.
//!
//! Owns the reading of foreign formats. Must never do any IO or keep an outside identifier: accounts leave
//! here as keyed pseudonyms only. Start reading at [`collegemsg::events`].

pub mod collegemsg;
