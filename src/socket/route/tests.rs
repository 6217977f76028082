//! The ring of pipes and the subscription index against naive models.

use super::active::ActiveRing;
use super::byte_map::ByteMap;
use super::{Added, Removed, Subscribers, Subscriptions};
use std::collections::{BTreeMap, BTreeSet};

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    /// A string that others are likely to be a prefix of.
    fn topic(&mut self) -> Vec<u8> {
        let len = match self.below(20) {
            0 => 0,
            1 => 20 + self.below(40),
            _ => self.below(6),
        };
        (0..len).map(|_| b"ab\0"[self.below(3)]).collect()
    }
}

/// Topics with the set of pipes that subscribed, as plainly as can be.
#[derive(Default)]
struct Model(BTreeMap<Vec<u8>, BTreeSet<usize>>);

impl Model {
    fn add(&mut self, topic: &[u8], pipe: usize) -> Added {
        let pipes = self.0.entry(topic.to_vec()).or_default();
        let added = if pipes.is_empty() { Added::First } else { Added::Further };
        pipes.insert(pipe);
        added
    }

    fn remove(&mut self, topic: &[u8], pipe: usize) -> Removed {
        let Some(pipes) = self.0.get_mut(topic) else { return Removed::Unknown };
        if !pipes.remove(&pipe) {
            return Removed::Unknown;
        }
        if !pipes.is_empty() {
            return Removed::Others;
        }
        self.0.remove(topic);
        Removed::Last
    }

    fn remove_pipe(&mut self, pipe: usize) -> Vec<(Vec<u8>, Removed)> {
        let topics: Vec<_> = self.0.iter().filter(|(_, pipes)| pipes.contains(&pipe)).map(|(t, _)| t.clone()).collect();
        topics.into_iter().map(|topic| (topic.clone(), self.remove(&topic, pipe))).collect()
    }

    fn find(&self, text: &[u8]) -> Vec<usize> {
        let matching = self.0.iter().filter(|(topic, _)| text.starts_with(topic));
        let pipes: BTreeSet<usize> = matching.flat_map(|(_, pipes)| pipes.iter().copied()).collect();
        pipes.into_iter().collect()
    }
}

fn compare_with_model(seed: u64, pipes: usize, steps: usize) {
    let mut numbers = Numbers(seed);
    let (mut index, mut model) = (Subscribers::default(), Model::default());
    let mut found = Vec::new();
    for step in 0..steps {
        let (topic, pipe) = (numbers.topic(), numbers.below(pipes));
        match numbers.below(100) {
            0 => {
                let mut told = Vec::new();
                index.remove_pipe(pipe, |topic, removed| told.push((topic.to_vec(), removed)));
                assert_eq!(told, model.remove_pipe(pipe), "seed {seed}, step {step}");
            }
            1 => {
                index.forget_pipe(pipe);
                model.remove_pipe(pipe);
            }
            2..40 => assert_eq!(index.add(&topic, pipe), model.add(&topic, pipe), "seed {seed}, step {step}"),
            40..70 => assert_eq!(index.remove(&topic, pipe), model.remove(&topic, pipe), "seed {seed}, step {step}"),
            _ => {
                found.clear();
                index.find(&topic, pipes, &mut found);
                found.sort_unstable();
                assert_eq!(found, model.find(&topic), "seed {seed}, step {step}, {topic:?}");
                assert!(found.is_empty() || !index.match_nobody(&topic));
                assert_eq!(index.matches(&topic, pipe), found.contains(&pipe));
            }
        }
        assert_eq!(index.len(), model.0.len());
    }
}

#[test]
fn the_index_finds_what_a_plain_search_finds() {
    for (seed, pipes) in [(0x9e37_79b9, 1), (0x2545_f491, 2), (0x1234_5678, 5), (0xdead_beef, 40)] {
        compare_with_model(seed, pipes, 20_000);
    }
}

/// Topics that are told apart by bytes before the eighth, behind it, or by their length alone; few at times, at times
/// more.
#[test]
fn few_topics_are_told_apart_by_all_their_bytes() {
    let mut numbers = Numbers(0xfe77_0715);
    let texts: [&[u8]; 5] = [b"0123456789abcdef", b"01234567x9abcdef", b"0123\0\0\0\0\0\0", b"0x\0\0", b"123456789"];
    let (mut index, mut model) = (Subscribers::default(), Model::default());
    let mut found = Vec::new();
    let (mut nobody, mut most) = (0, 0);
    for step in 0..40_000 {
        let text = texts[numbers.below(texts.len())];
        let text = &text[..numbers.below(text.len() + 1)];
        let pipe = numbers.below(3);
        let adds = if step / 1000 % 2 == 0 { 16 } else { 1 };
        match numbers.below(48) {
            n if n < adds && !text.is_empty() => {
                assert_eq!(index.add(text, pipe), model.add(text, pipe), "step {step}")
            }
            n if n < 24 => assert_eq!(index.remove(text, pipe), model.remove(text, pipe), "step {step}"),
            _ => {
                found.clear();
                index.find(text, 3, &mut found);
                found.sort_unstable();
                assert_eq!(found, model.find(text), "step {step}, {text:?}");
                let glance = index.match_nobody(text);
                assert!(found.is_empty() || !glance, "step {step}, {text:?}");
                let begins =
                    |topic: &Vec<u8>| topic.len() <= text.len() && text.starts_with(&topic[..topic.len().min(8)]);
                // So few are listed, though there were more before.
                if index.len() <= 8 {
                    assert_eq!(glance, !model.0.keys().any(begins), "step {step}, {text:?}");
                    nobody += usize::from(glance);
                }
            }
        }
        most = most.max(index.len());
    }
    assert!(nobody > 200 && most > 20, "both ways were tried: {nobody}, {most}");
}

#[test]
fn every_pipe_is_found_once_also_when_the_rounds_begin_anew() {
    let mut index = Subscribers::default();
    index.add(b"", 0);
    index.add(b"a", 0);
    index.add(b"a", 1);
    index.find(b"abc", 3, &mut Vec::new());
    index.wear_rounds();
    for _ in 0..4 {
        let mut found = vec![99];
        index.find(b"abc", 3, &mut found);
        assert_eq!(found, [99, 0, 1]);
    }
}

#[test]
fn counted_subscriptions_agree_with_a_plain_count() {
    let mut numbers = Numbers(0x51ed_270b);
    let (mut subscriptions, mut model) = (Subscriptions::default(), BTreeMap::<Vec<u8>, usize>::new());
    for _ in 0..20_000 {
        let topic = numbers.topic();
        if numbers.below(2) == 0 {
            subscriptions.add(&topic);
            *model.entry(topic).or_default() += 1;
        } else {
            let last = match model.get_mut(&topic) {
                Some(count) => {
                    *count -= 1;
                    *count == 0
                }
                None => false,
            };
            if last {
                model.remove(&topic);
            }
            assert_eq!(subscriptions.remove(&topic), last);
        }
        let text = numbers.topic();
        assert_eq!(subscriptions.matches(&text), model.keys().any(|topic| text.starts_with(topic)));
        assert_eq!(subscriptions.total(), model.values().sum::<usize>());
    }
    assert_eq!(subscriptions.sorted(), model.keys().collect::<Vec<_>>());
}

#[test]
fn many_subscriptions_count_whenever_one_looks() {
    let mut subscriptions = Subscriptions::default();
    let topic = |number: usize| format!("{}/", number * 7919 % 40_000).into_bytes();
    for number in 0..50_000 {
        subscriptions.add(&topic(number));
        if number % 997 == 0 {
            assert!(subscriptions.matches(&topic(number)));
            assert_eq!(subscriptions.remove(&topic(number)), number < 40_000);
            subscriptions.add(&topic(number));
        }
        assert_eq!(subscriptions.total(), number + 1);
    }
    assert_eq!(subscriptions.sorted().len(), 40_000);
    for number in 0..50_000 {
        // The last 10 000 topics are the first ones over again.
        assert_eq!(subscriptions.remove(&topic(number)), (10_000..40_000).contains(&number) || number >= 40_000);
    }
    assert_eq!(subscriptions.total(), 0);
    assert!(!subscriptions.matches(b"1/"));
}

#[test]
fn a_byte_map_keeps_its_entries_through_growth_and_shrinking() {
    let mut map = ByteMap::default();
    let key = |number: u32| number.to_string().into_bytes();
    for number in 0..10_000 {
        assert!(map.insert(&key(number), number).1);
    }
    let words = map.words();
    for number in (0..10_000).filter(|number| number % 100 != 0) {
        let id = map.find(&key(number)).unwrap();
        assert_eq!(map.value(id), number);
        map.remove(id);
        map.tidy();
        assert_eq!(map.get(&key(number)), None);
    }
    assert_eq!(map.len(), 100);
    assert!(map.capacity() < 2000 && map.words() < words / 4, "memory goes back");
    for number in (0..10_000).step_by(100) {
        assert_eq!(map.get(&key(number)), Some(number));
    }
    let mut values: Vec<u32> = map.iter().map(|(_, value)| value).collect();
    values.sort_unstable();
    assert!(values.iter().copied().eq((0..10_000).step_by(100)));
}

/// A byte-string map against the standard library's, with strings of all lengths, one a part of the other.
#[test]
fn a_byte_map_agrees_with_a_plain_one() {
    let mut numbers = Numbers(0x0ddb_a115);
    let (mut map, mut model) = (ByteMap::default(), BTreeMap::<Vec<u8>, u32>::new());
    let text: Vec<u8> = (0..600).map(|_| b"xyz\0"[numbers.below(4)]).collect();
    for step in 0..60_000u32 {
        let begin = numbers.below(40);
        let len = if numbers.below(4) == 0 { numbers.below(500) } else { numbers.below(20) };
        let key = &text[begin..begin + len];
        // It fills, and empties again to nearly nothing, several times.
        let adds = if step / 6000 % 2 == 0 { 8 } else { 1 };
        if numbers.below(10) < adds {
            let (id, new) = map.insert(key, step);
            assert_eq!(new, !model.contains_key(key), "step {step}");
            model.entry(key.to_vec()).or_insert(step);
            if numbers.below(3) == 0 {
                map.set_value(id, step + 1);
                model.insert(key.to_vec(), step + 1);
            }
            assert_eq!(map.key(id), key);
        } else if let Some(id) = map.find(key) {
            map.remove(id);
            assert!(!map.is_live(id));
            assert!(model.remove(key).is_some(), "step {step}");
            if numbers.below(100) == 0 {
                map.tidy();
            }
        } else {
            assert!(!model.contains_key(key), "step {step}");
        }
        assert_eq!(map.len(), model.len());
        if step % 1000 == 0 {
            let all: BTreeMap<Vec<u8>, u32> = map.iter().map(|(key, value)| (key.to_vec(), value)).collect();
            assert_eq!(all, model, "step {step}");
            assert!(model.iter().all(|(key, &value)| map.get(key) == Some(value)));
        }
    }
}

#[test]
fn what_is_removed_makes_room_for_what_comes() {
    let mut map = ByteMap::default();
    let key = |number: u32| vec![b'k'; 1 + number as usize % 300];
    for number in 0..300 {
        map.insert(&key(number), number);
    }
    let words = map.words();
    for number in 0..30_000 {
        let id = map.find(&key(number)).unwrap();
        map.remove(id);
        map.insert(&key(number), number);
    }
    assert_eq!(map.words(), words);
}

#[test]
fn a_leaving_peer_costs_what_it_had_not_what_there_is() {
    // With a scan of the whole index for each of them, 2000 peers of 100 topics would take minutes.
    let mut index = Subscribers::default();
    let topic = |pipe: usize, number: usize| format!("{pipe}/{number}").into_bytes();
    for pipe in 0..2000 {
        for number in 0..100 {
            index.add(&topic(pipe, number), pipe);
        }
        index.add(b"common", pipe);
    }
    assert_eq!(index.len(), 200_001);
    for pipe in 0..2000 {
        let mut told = 0;
        index.remove_pipe(pipe, |_, removed| told += usize::from(removed == Removed::Last));
        assert_eq!(told, if pipe == 1999 { 101 } else { 100 });
    }
    assert!(index.is_empty());
}

#[test]
fn subscribing_and_leaving_again_and_again_does_not_pile_up() {
    let mut index = Subscribers::default();
    index.add(b"lasting", 0);
    for number in 0..100_000u32 {
        index.add(&number.to_be_bytes(), 0);
        index.remove(&number.to_be_bytes(), 0);
    }
    assert!(index.held_entries(0) < 100);
    assert_eq!(index.remove(b"lasting", 0), Removed::Last);
    assert_eq!(index.held_entries(0), 0);
}

#[test]
fn the_turn_goes_round_the_active_pipes_and_stays_where_it_is_when_others_change() {
    let mut numbers = Numbers(0x0bad_cafe);
    let mut ring = ActiveRing::default();
    // By pipe: whether it is in the ring, and then whether it is active.
    let mut model: [Option<bool>; 12] = [None; 12];
    for step in 0..50_000 {
        let pipe = numbers.below(model.len());
        let before = ring.current();
        match (numbers.below(4), model[pipe]) {
            (0, None) => {
                ring.insert(pipe);
                model[pipe] = Some(true);
            }
            (0, Some(_)) => {
                ring.remove(pipe);
                model[pipe] = None;
            }
            (1, Some(_)) => {
                ring.activate(pipe);
                model[pipe] = Some(true);
            }
            (2, _) if before.is_some() => {
                ring.deactivate_current();
                model[before.unwrap()] = Some(false);
            }
            _ => continue,
        }
        let active: BTreeSet<usize> = (0..model.len()).filter(|&pipe| model[pipe] == Some(true)).collect();
        if let Some(before) = before.filter(|before| active.contains(before)) {
            assert_eq!(ring.current(), Some(before), "step {step}");
        }
        let round: Vec<usize> = (0..active.len())
            .map(|_| {
                let pipe = ring.current().unwrap();
                ring.advance();
                pipe
            })
            .collect();
        assert_eq!(round.iter().copied().collect::<BTreeSet<_>>(), active, "step {step}");
        assert_eq!(ring.current(), round.first().copied());
        for _ in 0..numbers.below(3).min(active.len()) {
            ring.advance();
        }
    }
}
