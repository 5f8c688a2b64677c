#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| target::check("email", text));
