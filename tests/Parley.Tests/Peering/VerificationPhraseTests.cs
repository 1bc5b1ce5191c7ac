using Parley.Client.Peering.Pins;

namespace Parley.Tests.Peering;

public sealed class VerificationPhraseTests
{
    private static readonly byte[] _other = HandshakeStage.Bytes(32, 7);

    [Fact]
    public void Both_ends_show_the_same()
    {
        var here = VerificationPhrase.Of("hub", (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()), (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray()));
        var there = VerificationPhrase.Of("hub", (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray()), (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()));

        Assert.Equal(here, there);
        Assert.Matches("^([0-9]{5} ){7}[0-9]{5}$", here);
    }

    [Fact]
    public void Another_key_name_or_hub_changes_it()
    {
        string[] phrases =
        [
            VerificationPhrase.Of("hub", (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()), (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray())),
            VerificationPhrase.Of("hub", (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()), (HandshakeStage.Bob, _other)),
            VerificationPhrase.Of("hub", (HandshakeStage.Alice, _other), (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray())),
            VerificationPhrase.Of("other", (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()), (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray())),
        ];

        Assert.Equal(4, phrases.Distinct().Count());
    }
}
