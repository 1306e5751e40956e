//! Who is in contact with whom, and who has ever approached whom.

/// A contact, seen from one side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tie {
    pub(crate) who: u32,
    /// How often they talk, relative to the other ties; 0 for a contact that has gone quiet.
    pub(crate) weight: f32,
}

/// The contacts of everybody, always symmetrical.
#[derive(Debug)]
pub(crate) struct Network {
    /// By person, sorted by the other.
    ties: Vec<Vec<Tie>>,
    /// By person, sorted: everybody with whom there was ever a first contact.
    met: Vec<Vec<u32>>,
}

impl Network {
    pub(crate) fn new(people: usize) -> Self {
        Self { ties: vec![Vec::new(); people], met: vec![Vec::new(); people] }
    }

    pub(crate) fn ties(&self, person: u32) -> &[Tie] {
        &self.ties[person as usize]
    }

    /// Everybody with whom there was ever a first contact, sorted.
    pub(crate) fn met(&self, person: u32) -> &[u32] {
        &self.met[person as usize]
    }

    /// Whether the two are in contact or ever were, or one tried.
    pub(crate) fn have_met(&self, a: u32, b: u32) -> bool {
        self.met[a as usize].binary_search(&b).is_ok()
    }

    /// Remembers that the two have met.
    pub(crate) fn meet(&mut self, a: u32, b: u32) {
        for (one, other) in [(a, b), (b, a)] {
            let met = &mut self.met[one as usize];
            if let Err(place) = met.binary_search(&other) {
                met.insert(place, other);
            }
        }
    }

    /// Puts the two in contact.
    pub(crate) fn connect(&mut self, a: u32, b: u32, weight: f32) {
        self.meet(a, b);
        for (one, other) in [(a, b), (b, a)] {
            let ties = &mut self.ties[one as usize];
            if let Err(place) = ties.binary_search_by_key(&other, |tie| tie.who) {
                ties.insert(place, Tie { who: other, weight });
            }
        }
    }

    /// Ends the contact of the two, where there is one.
    pub(crate) fn part(&mut self, a: u32, b: u32) {
        for (one, other) in [(a, b), (b, a)] {
            let ties = &mut self.ties[one as usize];
            if let Ok(place) = ties.binary_search_by_key(&other, |tie| tie.who) {
                ties.remove(place);
            }
        }
    }

    /// How many contacts the two have in common.
    pub(crate) fn mutuals(&self, a: u32, b: u32) -> usize {
        let (mut left, mut right) = (self.ties(a), self.ties(b));
        let mut count = 0;
        while let ([x, ..], [y, ..]) = (left, right) {
            count += usize::from(x.who == y.who);
            let (next_left, next_right) =
                (&left[usize::from(x.who <= y.who)..], &right[usize::from(y.who <= x.who)..]);
            (left, right) = (next_left, next_right);
        }
        count
    }
}
