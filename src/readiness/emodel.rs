//! The E-model: how good a conversation sounds, from the codec, the delay and the lost packets of its line.
//!
//! Source: ITU-T Recommendation G.107 (06/2015), the narrow-band model; equations are named as there. What a voice line over
//! the Internet does not change has the default values of its table 2: loudness, room noise, echo loss and circuit noise.
//! The echo of the near end comes back after the one-way delay (`Ta = T`), that of the far end after two (`Tr = 2T`).

/// Send and receive loudness ratings, and their sum, dB.
const SLR: f64 = 8.0;
const RLR: f64 = 2.0;
const OLR: f64 = SLR + RLR;
/// Sidetone masking, listener sidetone, and the telephone's D-value, dB.
const STMR: f64 = 15.0;
const LSTR: f64 = 18.0;
const DS: f64 = 3.0;
/// Talker echo loudness and weighted echo path loss, dB.
const TELR: f64 = 65.0;
const WEPL: f64 = 110.0;
/// Quantizing distortion units.
const QDU: f64 = 1.0;
/// Circuit noise (dBm0p) and noise floor at the receiver (dBmp); room noise at both ends, dB(A).
const NC: f64 = -70.0;
const NFOR: f64 = -64.0;
const PS: f64 = 35.0;
const PR: f64 = 35.0;

/// What a codec takes away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Codec {
    /// Its name.
    pub name: &'static str,
    /// Equipment impairment without loss (`Ie`).
    pub ie: f64,
    /// How robust it is against lost packets (`Bpl`).
    pub bpl: f64,
}

/// The codecs with figures for lost packets in ITU-T G.113 (11/2007), appendix I.
pub const CODECS: [Codec; 6] = [
    codec("G.711", 0.0, 4.3),
    codec("G.711+PLC(App.I)", 0.0, 25.1),
    codec("G.729", 10.0, 19.0),
    codec("G.729A+VAD", 11.0, 19.0),
    codec("G.723.1+VAD 6.3k", 15.0, 16.1),
    codec("GSM-EFR", 5.0, 10.0),
];

const fn codec(name: &'static str, ie: f64, bpl: f64) -> Codec {
    Codec { name, ie, bpl }
}

impl Codec {
    /// The codec of that name, in capitals or not.
    pub fn named(name: &str) -> Option<Self> {
        let mut codecs = CODECS.iter();
        codecs
            .find(|codec| codec.name.eq_ignore_ascii_case(name))
            .copied()
    }
}

/// A voice line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The codec's equipment impairment (`Ie`), at least 0.
    pub ie: f64,
    /// The codec's robustness against loss (`Bpl`), above 0.
    pub bpl: f64,
    /// One-way delay from mouth to ear, ms, at least 0.
    pub delay_ms: f64,
    /// Lost packets, 0 to 100 %.
    pub loss_pct: f64,
    /// How bunched the losses are (`BurstR`): 1 at random, above it in bursts.
    pub burst_ratio: f64,
}

impl Line {
    /// The rating factor R (equation 7-1): 93.2 for a perfect line, below 0 for one that is of no use.
    pub fn rating(&self) -> f64 {
        let noise = noise();
        let ro = 15.0 - 1.5 * (SLR + noise);
        ro - simultaneous(ro, noise, self.delay_ms)
            - delay(ro, noise, self.delay_ms)
            - self.equipment()
    }

    /// The mean opinion score for conversation, 1 to 4.5.
    pub fn mos(&self) -> f64 {
        mos(self.rating())
    }

    /// `Ie,eff` (equation 7-29).
    fn equipment(&self) -> f64 {
        if self.loss_pct <= 0.0 {
            return self.ie;
        }
        let kept = self.loss_pct / self.burst_ratio + self.bpl;
        self.ie + (95.0 - self.ie) * self.loss_pct / kept
    }
}

/// The mean opinion score of a rating (annex B).
pub fn mos(rating: f64) -> f64 {
    if rating <= 0.0 {
        1.0
    } else if rating >= 100.0 {
        4.5
    } else {
        1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6
    }
}

fn power(decibel: f64) -> f64 {
    10_f64.powf(decibel / 10.0)
}

/// `No`: all noise, as at the 0 dBr point (equations 7-3 to 7-7).
fn noise() -> f64 {
    let sending = PS - SLR - DS - 100.0 + 0.004 * (PS - OLR - DS - 14.0).powi(2);
    let heard = PR + 10.0 * (1.0 + power(10.0 - LSTR)).log10();
    let receiving = RLR - 121.0 + heard + 0.008 * (heard - 35.0).powi(2);
    10.0 * (power(NC) + power(sending) + power(receiving) + power(NFOR + RLR)).log10()
}

/// `(1 + x^n)^(1/n)`.
fn bent(x: f64, n: i32) -> f64 {
    (1.0 + x.powi(n)).powf(1.0 / f64::from(n))
}

/// `Is`: loudness, sidetone and quantizing (equations 7-8 to 7-17).
fn simultaneous(ro: f64, noise: f64, delay_ms: f64) -> f64 {
    let loud = OLR + 0.2 * (64.0 + noise - RLR);
    let loudness = 20.0 * (bent(loud / 8.0, 8) - loud / 8.0);
    let masking = -10.0 * (power(-STMR) + (-delay_ms / 4.0).exp() * power(-TELR)).log10();
    let sidetone = 12.0 * bent((masking - 13.0) / 6.0, 8)
        - 28.0 * bent((masking + 1.0) / 19.4, 35)
        - 13.0 * bent((masking - 3.0) / 33.0, 13)
        + 29.0;
    let quality = 37.0 - 15.0 * QDU.log10();
    let g = 1.07 + 0.258 * quality + 0.0602 * quality.powi(2);
    let y = (ro - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0;
    let z = 46.0 / 30.0 - g / 40.0;
    let quantizing = 15.0 * (1.0 + 10_f64.powf(y) + 10_f64.powf(z)).log10();
    loudness + sidetone + quantizing
}

/// `Id`: echoes of both ends, and the delay itself (equations 7-18 to 7-28).
fn delay(ro: f64, noise: f64, t: f64) -> f64 {
    let spread = (1.0 + t / 10.0) / (1.0 + t / 150.0);
    let terv = TELR - 40.0 * spread.log10() + 6.0 * (-0.3 * t * t).exp();
    let talker = -1.5 * (noise - RLR) - (80.0 + 2.5 * (terv - 14.0));
    let talker = (talker / 2.0 + (talker * talker / 4.0 + 100.0).sqrt() - 1.0) * -(-t).exp_m1();
    let listener = ro - 10.5 * (WEPL + 7.0) * (2.0 * t + 1.0).powf(-0.25);
    let listener = listener / 2.0 + (listener * listener / 4.0 + 169.0).sqrt();
    talker + listener + absolute_delay(t)
}

/// `Idd`: the delay without any echo.
fn absolute_delay(ta: f64) -> f64 {
    if ta <= 100.0 {
        return 0.0;
    }
    let x = (ta / 100.0).log2();
    25.0 * (bent(x, 6) - 3.0 * bent(x / 3.0, 6) + 2.0)
}
