using Google.Protobuf;
using Parley.Client.Peering.Handshakes;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Peering;

public sealed class HandshakeTests
{
    [Fact]
    public void Both_ends_prove_each_other_and_have_the_same_keys()
    {
        var (opener, acceptor) = HandshakeStage.Run();

        Assert.Equal((HandshakeState.Proved, HandshakeState.Proved), (opener.State, acceptor.State));
        Assert.Equal((HandshakeStage.Bob, HandshakeStage.Alice), (opener.Remote.Address, acceptor.Remote.Address));
        Assert.Equal(opener.Secrets.Export("test", [1]), acceptor.Secrets.Export("test", [1]));
    }

    [Fact]
    public void Fresh_keys_give_other_secrets()
    {
        var (first, _) = HandshakeStage.Run();
        var (second, _) = HandshakeStage.Run(bob: HandshakeStage.BobSelf(seed: 7));

        Assert.NotEqual(first.Secrets.Export("test", [1]), second.Secrets.Export("test", [1]));
    }

    [Fact]
    public void A_fresh_key_of_the_opener_that_was_swapped_is_refused() =>
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.Key = Other())));

    [Fact]
    public void A_fresh_key_of_the_acceptor_that_was_swapped_is_refused() =>
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Key = Other())));

    [Fact]
    public void Fingerprints_that_were_swapped_are_refused()
    {
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.TlsFingerprint = Other())));
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.DtlsFingerprint = Other())));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.TlsFingerprint = Other())));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.DtlsFingerprint = Other())));
    }

    [Fact]
    public void An_identity_key_that_was_swapped_is_refused()
    {
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.Identity = Other())));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Identity = Other())));
    }

    [Fact]
    public void Signature_and_confirmation_must_both_fit()
    {
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Signature = Flip(said.Signature))));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Mac = Flip(said.Mac))));
        Refused(() => HandshakeStage.Run(confirm: Change<PeerConfirm>(said => said.Signature = Flip(said.Signature))));
        Refused(() => HandshakeStage.Run(confirm: Change<PeerConfirm>(said => said.Mac = Flip(said.Mac))));
    }

    [Fact]
    public void Another_purpose_or_session_or_hub_is_refused()
    {
        Refused(() => HandshakeStage.Run(acceptorsPurpose: SignalPurpose.Chat));
        Refused(() => HandshakeStage.Run(acceptorsSession: HandshakeStage.Bytes(16, 8)));
        Refused(() => HandshakeStage.Run(bob: HandshakeStage.BobSelf("other hub")));
    }

    [Fact]
    public void Versions_that_were_changed_on_the_way_are_refused()
    {
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.VersionMax = 2)));
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.VersionMin = 0)));
        Assert.Equal(ErrorCode.ProtocolVersion, Refusal(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Version = 2))).Code);
        Assert.Equal(ErrorCode.ProtocolVersion, Refusal(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => (said.VersionMin, said.VersionMax) = (2, 3)))).Code);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_point_of_a_small_order_is_no_key(string point)
    {
        var key = ByteString.CopyFrom(Convert.FromHexString(point));

        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.Key = key)));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.Key = key)));
    }

    [Fact]
    public void What_an_agent_said_itself_is_not_taken_from_another()
    {
        var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
        var offer = opener.Offer!;
        var reflected = new PeerAnswer
        {
            Version = 1, From = HandshakeStage.Bob.ToString(), Identity = offer.Identity, Key = offer.Key, TlsFingerprint = offer.TlsFingerprint, Signature = ByteString.CopyFrom(new byte[64]), Mac = ByteString.CopyFrom(new byte[32]),
        };

        Refused(() => opener.TakeAnswer(reflected, HandshakeStage.Bob));
        Refused(() => Handshake.Accept(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session, offer, HandshakeStage.Alice));
    }

    [Fact]
    public void An_acceptors_proof_does_not_serve_as_an_openers()
    {
        var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
        var acceptor = Handshake.Accept(HandshakeStage.BobSelf(), SignalPurpose.Transfer, HandshakeStage.Session, opener.Offer!, HandshakeStage.Alice);

        Refused(() => acceptor.TakeConfirm(new PeerConfirm { Signature = acceptor.Answer!.Signature, Mac = acceptor.Answer.Mac }));
    }

    [Fact]
    public void Nobody_else_can_claim_the_share_of_a_session()
    {
        // Mallory passes alice's offer on to bob as its own: bob's proof is for mallory, and alice does not take it as bob's.
        var mallory = new Protocol.Identity.AgentAddress("acme", "mallory");
        using var key = Ed25519Key.FromSeed(HandshakeStage.Bytes(32, 5));
        var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
        var offer = opener.Offer!.Clone();
        (offer.From, offer.Identity) = (mallory.ToString(), ByteString.CopyFrom(key.PublicKey));
        var acceptor = Handshake.Accept(HandshakeStage.BobSelf(), SignalPurpose.Transfer, HandshakeStage.Session, offer, mallory);

        Refused(() => opener.TakeAnswer(acceptor.Answer!, HandshakeStage.Bob));
    }

    [Fact]
    public void Who_calls_itself_other_than_the_hub_does_is_refused()
    {
        Refused(() => HandshakeStage.Run(offer: Change<PeerOffer>(said => said.From = "acme.mallory")));
        Refused(() => HandshakeStage.Run(answer: Change<PeerAnswer>(said => said.From = "acme.mallory")));
    }

    [Fact]
    public void A_proof_of_another_session_is_refused()
    {
        var (earlier, _) = HandshakeStage.Run();

        Refused(() => HandshakeStage.Run(bob: HandshakeStage.BobSelf(seed: 7), confirm: _ => earlier.Confirmation!));
    }

    [Fact]
    public void A_handshake_that_failed_takes_nothing_more()
    {
        var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
        var acceptor = Handshake.Accept(HandshakeStage.BobSelf(), SignalPurpose.Transfer, HandshakeStage.Session, opener.Offer!, HandshakeStage.Alice);
        Refused(() => opener.TakeAnswer(Change<PeerAnswer>(said => said.Mac = Flip(said.Mac))(acceptor.Answer!.Clone()), HandshakeStage.Bob));

        Assert.Equal(ErrorCode.ProtocolViolation, Refusal(() => opener.TakeAnswer(acceptor.Answer!, HandshakeStage.Bob)).Code);
        Assert.Equal(HandshakeState.Failed, opener.State);
        Assert.Throws<InvalidOperationException>(() => opener.Secrets);
    }

    [Fact]
    public void Answers_that_were_damaged_prove_nothing()
    {
        var good = Handshake.Accept(
            HandshakeStage.BobSelf(), SignalPurpose.Transfer, HandshakeStage.Session, Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session).Offer!, HandshakeStage.Alice).Answer!;
        var bytes = good.ToByteArray();

        Fuzz.Run(4711, Fuzz.Count / 10, random => Fuzz.Mutate(random, bytes), changed =>
        {
            using var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
            PeerAnswer answer;
            try
            {
                answer = PeerAnswer.Parser.ParseFrom(changed);
            }
            catch (InvalidProtocolBufferException)
            {
                return;
            }

            if (!answer.Equals(good) && !new PeerAnswer(answer).WithoutUnknown().Equals(good))
            {
                Assert.Throws<ParleyException>(() => opener.TakeAnswer(answer, HandshakeStage.Bob));
            }
        });
    }

    [Fact]
    public void Offers_that_were_damaged_give_no_session()
    {
        var good = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
        var bytes = good.Offer!.ToByteArray();

        Fuzz.Run(4712, Fuzz.Count / 10, random => Fuzz.Mutate(random, bytes), changed =>
        {
            try
            {
                var offer = PeerOffer.Parser.ParseFrom(changed);
                using var acceptor = Handshake.Accept(HandshakeStage.BobSelf(), SignalPurpose.Transfer, HandshakeStage.Session, offer, HandshakeStage.Alice);
                using var opener = Handshake.Open(HandshakeStage.AliceSelf(), SignalPurpose.Transfer, HandshakeStage.Session);
                if (!offer.WithoutUnknown().Equals(good.Offer))
                {
                    Assert.Throws<ParleyException>(() => opener.TakeAnswer(acceptor.Answer!, HandshakeStage.Bob));
                }
            }
            catch (Exception exception) when (exception is ParleyException or InvalidProtocolBufferException)
            {
                // Refused.
            }
        });
    }

    private static ByteString Other() => ByteString.CopyFrom(X25519Key.FromPrivateKey(HandshakeStage.Bytes(32, 77)).PublicKey);

    private static ByteString Flip(ByteString bytes)
    {
        var changed = bytes.ToByteArray();
        changed[5] ^= 1;
        return ByteString.CopyFrom(changed);
    }

    private static Func<T, T> Change<T>(Action<T> change) => said =>
    {
        change(said);
        return said;
    };

    private static ParleyException Refusal(Action step) => Assert.Throws<ParleyException>(step);

    private static void Refused(Action step)
    {
        var refusal = Refusal(step);
        Assert.Equal((ErrorCode.PeerProof, 7), (refusal.Code, refusal.Row.Exit));
    }
}

/// <summary>Messages as their known fields say.</summary>
internal static class KnownFields
{
    /// <summary>The same message without what the parser kept of unknown fields.</summary>
    public static T WithoutUnknown<T>(this T message)
        where T : IMessage<T>, new()
    {
        var plain = new T();
        foreach (var field in plain.Descriptor.Fields.InDeclarationOrder())
        {
            field.Accessor.SetValue(plain, field.Accessor.GetValue(message));
        }

        return plain;
    }
}
