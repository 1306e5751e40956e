//! All integration tests are one program, so that they are linked once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends where it stands")]

mod api_conformance;
mod audit_log;
mod bad_input;
mod bench;
mod brigades;
mod clients;
mod command_line;
mod console;
mod console_work;
mod data_science;
mod desk;
mod due_care;
mod enumeration;
mod kills;
mod lab;
mod lightgbm;
mod live;
mod metrics;
mod model_registry;
mod operations;
mod policy;
mod profiles;
mod real_traffic;
mod reference;
mod reproduce;
mod review_access;
mod review_api;
mod review_load;
mod review_races;
mod rings;
mod same_flags;
mod serving;
mod shuffled_labels;
mod sign_in;
mod simulated_stream;
mod staying;
mod streams;
mod teamwork;
mod two_people;
