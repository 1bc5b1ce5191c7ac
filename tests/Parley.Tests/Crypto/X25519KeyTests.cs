using System.Security.Cryptography;
using Parley.Crypto;

namespace Parley.Tests.Crypto;

public sealed class X25519KeyTests
{
    private const string AlicePrivate = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    private const string AlicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    private const string BobPrivate = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    private const string BobPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    private const string Shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

    [Theory]
    [InlineData(AlicePrivate, AlicePublic, BobPublic)]
    [InlineData(BobPrivate, BobPublic, AlicePublic)]
    public void Both_sides_of_RFC_7748_section_6_1_get_its_secret(string privateKey, string publicKey, string peer)
    {
        using var key = X25519Key.FromPrivateKey(Convert.FromHexString(privateKey));

        var secret = key.Derive(Convert.FromHexString(peer));

        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(Shared, Convert.ToHexStringLower(secret));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    public void A_peer_key_of_small_order_is_refused(string peer)
    {
        using var key = X25519Key.Generate();

        Assert.Throws<CryptographicException>(() => key.Derive(Convert.FromHexString(peer)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_peer_key_of_a_wrong_length_is_refused(int length)
    {
        using var key = X25519Key.Generate();

        Assert.Throws<CryptographicException>(() => key.Derive(new byte[length]));
    }

    [Fact]
    public void A_key_survives_its_PEM_form()
    {
        using var key = X25519Key.Generate();
        using var peer = X25519Key.Generate();

        using var copy = X25519Key.ImportPkcs8Pem(key.ExportPkcs8Pem());

        Assert.Equal(key.Derive(peer.PublicKey), copy.Derive(peer.PublicKey));
    }

    [Fact]
    public void A_signing_key_is_not_taken_for_key_agreement()
    {
        using var signing = Ed25519Key.Generate();

        Assert.Throws<CryptographicException>(() => X25519Key.ImportPkcs8Pem(signing.ExportPkcs8Pem()));
    }
}
