using System.Text;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Pins;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Peering;

/// <summary>One handshake with fixed keys, byte for byte: what somebody who writes another end holds theirs against. A test runs one in JavaScript.</summary>
public sealed class HandshakeVectorTests
{
    [Fact]
    public void A_handshake_with_fixed_keys_is_always_the_same()
    {
        var (opener, acceptor) = HandshakeStage.Run();
        var sealing = opener.Secrets.SealOf(byOpener: true, HandshakeStage.Session);
        sealing.Seal("first"u8);
        var signal = sealing.Seal("a candidate, for example"u8);

        var text = new StringBuilder()
            .Append("hub hub\npurpose ").Append((int)SignalPurpose.Transfer).Append('\n')
            .Append("opener acme.alice\nacceptor acme.bob\n");
        foreach (var (name, bytes) in ((string, byte[])[])
        [
            ("session", HandshakeStage.Session),
            ("opener-seed", HandshakeStage.Bytes(32, 1)),
            ("acceptor-seed", HandshakeStage.Bytes(32, 2)),
            ("opener-fresh", HandshakeStage.Bytes(32, 3)),
            ("acceptor-fresh", HandshakeStage.Bytes(32, 4)),
            ("opener-identity", opener.Offer!.Identity.ToByteArray()),
            ("acceptor-identity", acceptor.Answer!.Identity.ToByteArray()),
            ("opener-key", opener.Offer.Key.ToByteArray()),
            ("acceptor-key", acceptor.Answer.Key.ToByteArray()),
            ("opener-tls", opener.Offer.TlsFingerprint.ToByteArray()),
            ("acceptor-tls", acceptor.Answer.TlsFingerprint.ToByteArray()),
            ("acceptor-signature", acceptor.Answer.Signature.ToByteArray()),
            ("acceptor-mac", acceptor.Answer.Mac.ToByteArray()),
            ("opener-signature", opener.Confirmation!.Signature.ToByteArray()),
            ("opener-mac", opener.Confirmation.Mac.ToByteArray()),
            ("export-test", opener.Secrets.Export("machine", "x"u8)),
            ("sealed-2", signal.Sealed.ToByteArray()),
        ])
        {
            text.Append(name).Append(' ').Append(Convert.ToHexStringLower(bytes)).Append('\n');
        }

        text.Append("sealed-text a candidate, for example\nphrase ")
            .Append(VerificationPhrase.Of("hub", (HandshakeStage.Alice, HandshakeStage.AlicesKey.PublicKey.ToArray()), (HandshakeStage.Bob, HandshakeStage.BobsKey.PublicKey.ToArray())))
            .Append('\n');
        Golden.Verify("peer-handshake", text.ToString());
    }
}
