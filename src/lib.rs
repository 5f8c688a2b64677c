//! firmograph
