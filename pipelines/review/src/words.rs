//! Closed sets of words: what people choose from, so that there is nowhere to type.

/// Declares a closed set of words with a sentence for each.
macro_rules! spoken {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $sentence:literal;)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $sentence] $variant),+ }

        impl $name {
            /// Every value, in the order in which people are offered them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The machine-readable word.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// In words for people.
            pub const fn sentence(self) -> &'static str {
                match self { $($name::$variant => $sentence),+ }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    )+};
}
pub(crate) use spoken;
