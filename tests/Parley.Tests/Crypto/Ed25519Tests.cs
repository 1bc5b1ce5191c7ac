using System.Security.Cryptography;
using System.Text;
using Parley.Crypto;
using Parley.Crypto.OpenSsl;

namespace Parley.Tests.Crypto;

public sealed class Ed25519Tests
{
    /// <summary>RFC 8032, section 7.1: seed, public key, message, signature.</summary>
    public static TheoryData<string, string, string, string> Vectors => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_seed_gives_the_key_and_signature_of_RFC_8032(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519Key.FromSeed(Convert.FromHexString(seed));

        var actual = key.Sign(Convert.FromHexString(message));

        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(signature, Convert.ToHexStringLower(actual));
        Assert.True(Ed25519.Verify(Convert.FromHexString(publicKey), Convert.FromHexString(message), actual));
    }

    [Fact]
    public void Another_key_does_not_verify_the_signature()
    {
        using var key = Ed25519Key.Generate();
        using var other = Ed25519Key.Generate();
        var signature = key.Sign("data"u8);

        var isValid = Ed25519.Verify(other.PublicKey, "data"u8, signature);

        Assert.False(isValid);
    }

    [Fact]
    public void Every_flipped_bit_of_the_signature_is_noticed()
    {
        using var key = Ed25519Key.FromSeed(new byte[32]);
        var signature = key.Sign("data"u8);

        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            var flipped = signature.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.False(Ed25519.Verify(key.PublicKey, "data"u8, flipped), $"bit {bit}");
        }
    }

    [Fact]
    public void A_flipped_bit_of_the_data_is_noticed()
    {
        using var key = Ed25519Key.Generate();
        var signature = key.Sign([0b0000_0001]);

        var isValid = Ed25519.Verify(key.PublicKey, [0b0000_0011], signature);

        Assert.False(isValid);
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 0)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    public void Keys_and_signatures_of_a_wrong_length_are_no_error_but_false(int keyLength, int signatureLength)
    {
        var isValid = Ed25519.Verify(new byte[keyLength], "data"u8, new byte[signatureLength]);

        Assert.False(isValid);
    }

    [Fact]
    public void Random_keys_and_signatures_never_verify_and_never_throw()
    {
        const int Seed = 8032;
        var random = new Random(Seed);
        var key = new byte[32];
        var signature = new byte[64];

        for (var round = 0; round < 2_000; round++)
        {
            random.NextBytes(key);
            random.NextBytes(signature);

            Assert.False(Ed25519.Verify(key, "data"u8, signature), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void A_key_survives_its_PEM_form()
    {
        using var key = Ed25519Key.Generate();

        using var copy = Ed25519Key.ImportPkcs8Pem(key.ExportPkcs8Pem());

        Assert.Equal(key.Sign("data"u8), copy.Sign("data"u8));
    }

    [Fact]
    public void The_PEM_form_is_that_of_RFC_8410_section_10_3()
    {
        using var key = Ed25519Key.FromSeed(Convert.FromHexString("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"));

        var pem = key.ExportPkcs8Pem();

        Assert.Equal("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1", Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n", pem);
    }

    [Fact]
    public void A_PEM_of_another_kind_of_key_is_refused()
    {
        using var agreement = X25519Key.Generate();
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Throws<CryptographicException>(() => Ed25519Key.ImportPkcs8Pem(agreement.ExportPkcs8Pem()));
        Assert.Throws<CryptographicException>(() => Ed25519Key.ImportPkcs8Pem(curve.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<CryptographicException>(() => Ed25519Key.ImportPkcs8Pem(curve.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public void Damaged_PEM_is_refused_and_never_crashes()
    {
        const int Seed = 8410;
        var random = new Random(Seed);
        using var key = Ed25519Key.Generate();
        var pem = Encoding.ASCII.GetBytes(key.ExportPkcs8Pem());

        for (var round = 0; round < 10_000; round++)
        {
            var damaged = pem.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            damaged = damaged[..random.Next(damaged.Length + 1)];
            var failure = Record.Exception(() => Ed25519Key.ImportPkcs8Pem(Encoding.Latin1.GetString(damaged)).Dispose());

            Assert.True(failure is null or CryptographicException, $"seed {Seed}, round {round}: {failure}");
        }
    }

    [Fact]
    public async Task One_key_signs_on_many_threads()
    {
        using var key = Ed25519Key.Generate();

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => SignAndVerify(key, number))));

        Assert.All(results, Assert.True);
    }

    [Fact]
    public void A_disposed_key_does_not_sign()
    {
        var key = Ed25519Key.Generate();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Sign("data"u8));
    }

    [Fact]
    public void A_machine_without_OpenSSL_is_told_what_to_install()
    {
        var failure = Assert.Throws<OpenSslMissingException>(() => OpenSslLibrary.Load("libcrypto", ["libcrypto-that-is-nowhere.so.3"]));

        Assert.StartsWith("OpenSSL 3 is needed (libcrypto) but was not found", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    private static bool SignAndVerify(Ed25519Key key, int number)
    {
        for (var round = 0; round < 200; round++)
        {
            var data = Encoding.ASCII.GetBytes($"{number}/{round}");
            if (!Ed25519.Verify(key.PublicKey, data, key.Sign(data)))
            {
                return false;
            }
        }

        return true;
    }
}
