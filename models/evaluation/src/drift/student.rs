//! Student's distribution.

/// The probability that a variable of Student's distribution lies at least as far from 0 as `t`.
///
/// Source: by the incomplete beta function, as a continued fraction by Lentz's method.
pub(super) fn two_sided(t: f64, degrees: f64) -> f64 {
    let x = degrees / (degrees + t * t);
    incomplete_beta(degrees / 2.0, 0.5, x)
}

/// The regularised incomplete beta function.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (1.0 - x).ln();
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_front.exp() * fraction(a, b, x) / a
    } else {
        1.0 - ln_front.exp() * fraction(b, a, 1.0 - x) / b
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut found = d;
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            step *= c * d;
        }
        found *= step;
        if (step - 1.0).abs() < 1e-14 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_in_the_tables() {
        for (t, degrees, p) in [
            (12.706_204_736_174_7, 1.0, 0.05),
            (2.228_138_851_964_94, 10.0, 0.05),
            (-2.228_138_851_964_94, 10.0, 0.05),
            (3.689_6, 27.0, 0.001),
            (0.0, 5.0, 1.0),
        ] {
            let found = two_sided(t, degrees);
            assert!((found / p - 1.0).abs() < 3e-3, "{t} {degrees}: {found}");
        }
        assert!(two_sided(50.0, 20.0) < 1e-20);
    }
}
