package curve

// parameters are those of a curve y² = x³ + ax + b, in hexadecimal as published.
type parameters struct {
	p, a, b, gx, gy, n string
	z                  string // leads to an isomorphic curve with a = -3 (RFC 5639, 3); 1 where a is -3 or 0
}

// SEC 2: Recommended Elliptic Curve Domain Parameters, version 1.0, sections 2.5 and 2.6; secp192r1 is FIPS 186-4, D.1.2.1.
var (
	secp192r1 = parameters{
		p:  "fffffffffffffffffffffffffffffffeffffffffffffffff",
		a:  "fffffffffffffffffffffffffffffffefffffffffffffffc",
		b:  "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
		gx: "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
		gy: "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
		n:  "ffffffffffffffffffffffff99def836146bc9b1b4d22831",
		z:  "1",
	}
	secp192k1 = parameters{
		p:  "fffffffffffffffffffffffffffffffffffffffeffffee37",
		a:  "0",
		b:  "3",
		gx: "db4ff10ec057e9ae26b07d0280b7f4341da5d1b1eae06c7d",
		gy: "9b2f2f6d9c5628a7844163d015be86344082aa88d95e2f9d",
		n:  "fffffffffffffffffffffffe26f2fc170f69466a74defd8d",
		z:  "1",
	}
	secp224k1 = parameters{
		p:  "fffffffffffffffffffffffffffffffffffffffffffffffeffffe56d",
		a:  "0",
		b:  "5",
		gx: "a1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45c",
		gy: "7e089fed7fba344282cafbd6f7e319f7c0b0bd59e2ca4bdb556d61a5",
		n:  "010000000000000000000000000001dce8d2ec6184caf0a971769fb1f7",
		z:  "1",
	}
)

// RFC 5639, sections 3.4 and 3.6.
var (
	brainpoolP256r1 = parameters{
		p:  "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
		a:  "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
		b:  "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
		gx: "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
		gy: "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
		n:  "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
		z:  "3e2d4bd9597b58639ae7aa669cab9837cf5cf20a2c852d10f655668dfc150ef0",
	}
	brainpoolP384r1 = parameters{
		p:  "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
		a:  "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
		b:  "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
		gx: "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
		gy: "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
		n:  "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
		z:  "41dfe8dd399331f7166a66076734a89cd0d2bcdb7d068e44e1f378f41ecbae97d2d63dbc87bccddccc5da39e8589291c",
	}
)
