using System.Security.Cryptography;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

/// <summary>Two associations, a bad network between them, and a clock that jumps from one event to the next.</summary>
internal sealed class SctpPair
{
    private readonly byte[] _packet = new byte[65_536];

    public SctpPair(PathConditions? conditions = null, int seed = 1, SctpOptions? options = null, SctpOptions? otherOptions = null)
    {
        A = new SctpEnd(new SctpAssociation(options ?? new SctpOptions(), SeededRandom.Source(seed)));
        B = new SctpEnd(new SctpAssociation(otherOptions ?? options ?? new SctpOptions(), SeededRandom.Source(seed + 1_000_000)));
        ToB = new LossyPath(conditions ?? new PathConditions(), seed + 1);
        ToA = new LossyPath(conditions ?? new PathConditions(), seed + 2);
    }

    private SctpPair(SctpPair other, SctpEnd a) => (A, B, ToA, ToB, Now) = (a, other.B, other.ToA, other.ToB, other.Now);

    public SctpEnd A { get; }

    public SctpEnd B { get; }

    public LossyPath ToA { get; }

    public LossyPath ToB { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>A pair whose both ends have begun, and are connected.</summary>
    public static SctpPair Connected(PathConditions? conditions = null, int seed = 1, SctpOptions? options = null, SctpOptions? otherOptions = null)
    {
        var pair = new SctpPair(conditions, seed, options, otherOptions);
        pair.A.Association.Connect(pair.Now);
        pair.B.Association.Connect(pair.Now);
        Assert.True(pair.RunUntil(() => pair.A.Has(SctpEventKind.Connected) && pair.B.Has(SctpEventKind.Connected)), "not connected");
        return pair;
    }

    /// <summary>The same network and other end, with another first end.</summary>
    public SctpPair With(SctpEnd a) => new(this, a);

    /// <summary>Goes on until something is so.</summary>
    /// <returns>False when nothing more would happen, or not within the limit.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan? limit = null)
    {
        var end = Now + (limit ?? TimeSpan.FromMinutes(10));
        for (var idle = 0; ; idle++)
        {
            var before = Now;
            Exchange();
            if (condition())
            {
                return true;
            }

            var next = Earliest(Earliest(ToA.NextArrival, ToB.NextArrival), Earliest(A.Association.NextTimeout, B.Association.NextTimeout));
            if (next is null || next > end)
            {
                Now = next is null ? Now : end;
                return false;
            }

            Now = next > Now ? next.Value : Now;
            idle = Now > before ? 0 : idle;
            Assert.True(idle < 1_000_000, "The clock stands still.");
        }
    }

    /// <summary>Lets time pass.</summary>
    public void RunFor(TimeSpan time) => RunUntil(() => false, time);

    /// <summary>Everything that happens at this very time.</summary>
    public void Exchange()
    {
        Exchange(A, ToA, ToB);
        Exchange(B, ToB, ToA);
    }

    private void Exchange(SctpEnd end, LossyPath incoming, LossyPath outgoing)
    {
        while (incoming.TryDeliver(Now, (buffer, length) => end.Association.Receive(buffer.AsSpan(0, length), Now)))
        {
        }

        if (end.Association.NextTimeout <= Now)
        {
            end.Association.Tick(Now);
        }

        end.Read();
        end.Write(Now);
        for (int length; (length = end.Association.Poll(_packet, Now)) > 0;)
        {
            outgoing.Send(_packet.AsSpan(0, length), Now);
            end.Write(Now);
        }

        end.Read();
    }

    private static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;
}

/// <summary>One end: what it has to say, and what it has heard.</summary>
internal sealed class SctpEnd(SctpAssociation association)
{
    private readonly Queue<(ushort Stream, byte[] Payload, SctpDelivery Delivery)> _toSend = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public SctpAssociation Association => association;

    public List<SctpEvent> Events { get; } = [];

    public List<(ushort Stream, byte[] Payload)> Messages { get; } = [];

    /// <summary>Whether payloads are kept, or only counted and hashed.</summary>
    public bool KeepsMessages { get; set; } = true;

    public bool IsReading { get; set; } = true;

    public long ReceivedBytes { get; private set; }

    public int ReceivedCount { get; private set; }

    public bool HasSentAll => _toSend.Count == 0;

    public bool Has(SctpEventKind kind) => Events.Exists(happened => happened.Kind == kind);

    public SctpFailure Failure => Events.Find(happened => happened.Kind == SctpEventKind.Failed).Failure;

    public byte[] Hash() => _hash.GetCurrentHash();

    public void Say(ushort stream, byte[] payload, SctpDelivery delivery = default) => _toSend.Enqueue((stream, payload, delivery));

    public void Write(TimeSpan now)
    {
        while (_toSend.TryPeek(out var next) && association.Send(next.Stream, 53, next.Payload, next.Delivery, now) == SctpSendResult.Accepted)
        {
            _toSend.Dequeue();
        }
    }

    public void Read()
    {
        while (IsReading && association.TryRead(out var happened))
        {
            if (happened.Kind != SctpEventKind.Message)
            {
                Events.Add(happened);
                continue;
            }

            ReceivedBytes += happened.Payload.Length;
            ReceivedCount++;
            _hash.AppendData(happened.Payload.Span);
            if (KeepsMessages)
            {
                Messages.Add((happened.Stream, happened.Payload.ToArray()));
            }
        }
    }
}
