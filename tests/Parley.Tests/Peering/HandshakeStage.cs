using Google.Protobuf;
using Parley.Client.Peering.Handshakes;
using Parley.Crypto;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Tests.Peering;

/// <summary>Two agents with keys that are the same at every run, and handshakes between them.</summary>
internal static class HandshakeStage
{
    public static readonly AgentAddress Alice = new("acme", "alice");
    public static readonly AgentAddress Bob = new("acme", "bob");
    public static readonly Ed25519Key AlicesKey = Ed25519Key.FromSeed(Bytes(32, 1));
    public static readonly Ed25519Key BobsKey = Ed25519Key.FromSeed(Bytes(32, 2));
    public static readonly byte[] Session = Bytes(16, 9);

    /// <summary>Bytes of one value.</summary>
    public static byte[] Bytes(int length, byte value) => [.. Enumerable.Repeat(value, length)];

    public static HandshakeSelf AliceSelf(string hub = "hub", byte seed = 3) => Self(hub, Alice, AlicesKey, seed);

    public static HandshakeSelf BobSelf(string hub = "hub", byte seed = 4) => Self(hub, Bob, BobsKey, seed);

    /// <summary>What one of them brings.</summary>
    public static HandshakeSelf Self(string hub, AgentAddress address, Ed25519Key key, byte seed) =>
        new(hub, address, key.PublicKey.ToArray(), data => key.Sign(data), X25519Key.FromPrivateKey(Bytes(32, seed)), Bytes(32, (byte)(seed + 100)), default);

    /// <summary>Runs a whole handshake; each message passes somebody in between.</summary>
    public static (Handshake Opener, Handshake Acceptor) Run(
        Func<PeerOffer, PeerOffer>? offer = null, Func<PeerAnswer, PeerAnswer>? answer = null, Func<PeerConfirm, PeerConfirm>? confirm = null, SignalPurpose acceptorsPurpose = SignalPurpose.Transfer, byte[]? acceptorsSession = null, HandshakeSelf? bob = null)
    {
        var opener = Handshake.Open(AliceSelf(), SignalPurpose.Transfer, Session);
        var acceptor = Handshake.Accept(bob ?? BobSelf(), acceptorsPurpose, acceptorsSession ?? Session, Pass(opener.Offer!, offer), Alice);
        opener.TakeAnswer(Pass(acceptor.Answer!, answer), Bob);
        acceptor.TakeConfirm(Pass(opener.Confirmation!, confirm));
        return (opener, acceptor);
    }

    private static T Pass<T>(T message, Func<T, T>? change)
        where T : IDeepCloneable<T> => change is null ? message : change(message.Clone());
}
