using System.Text;
using Parley.Testing.Network;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

/// <summary>Data channels of two ends over a <see cref="SctpPair"/>, whose events these read.</summary>
internal sealed class ChannelPair
{
    private readonly SctpPair _pair;
    private readonly List<DataChannel> _opened = [];

    public ChannelPair(PathConditions conditions, int seed = 1, bool isConnected = true, DataChannelLimits? limits = null, DataChannelLimits? otherLimits = null, SctpOptions? options = null)
    {
        _pair = new SctpPair(conditions, seed, options);
        (_pair.A.IsReading, _pair.B.IsReading) = (false, false);
        A = new DataChannels(_pair.A.Association, isDtlsClient: true, limits ?? new DataChannelLimits());
        B = new DataChannels(_pair.B.Association, isDtlsClient: false, otherLimits ?? limits ?? new DataChannelLimits());
        if (isConnected)
        {
            Connect();
            RunUntil(() => _pair.A.Association.State == SctpState.Established && _pair.B.Association.State == SctpState.Established);
        }
    }

    public DataChannels A { get; }

    public DataChannels B { get; }

    public TimeSpan Now => _pair.Now;

    public List<(ushort Channel, string Content, bool IsText)> HeardByB { get; } = [];

    public List<DataChannelEvent> EventsOfA { get; } = [];

    public List<DataChannelEvent> EventsOfB { get; } = [];

    /// <summary>Whether the second end takes what arrives.</summary>
    public bool IsBReading { get; set; } = true;

    public void Connect()
    {
        _pair.A.Association.Connect(Now);
        _pair.B.Association.Connect(Now);
    }

    public void AbortB() => _pair.B.Association.Abort();

    /// <summary>Until all that is on its way has arrived.</summary>
    public void Run() => _pair.RunUntil(Read, TimeSpan.FromSeconds(10));

    /// <summary>Packets travel, and nobody reads anything, until something is so or the time is over.</summary>
    public void Travel(Func<bool> condition, TimeSpan? limit = null) => _pair.RunUntil(condition, limit);

    public void RunUntil(Func<bool> condition) => Assert.True(_pair.RunUntil(() => Read() || condition(), TimeSpan.FromMinutes(1)));

    /// <summary>The channel of that label that the second end was told of.</summary>
    public DataChannel Theirs(string label) => _opened.Single(channel => channel.Label == label);

    // What was read may have caused something to send.
    private bool Read()
    {
        while (ReadOnce())
        {
            _pair.Exchange();
        }

        return false;
    }

    private bool ReadOnce()
    {
        var isRead = false;
        while (A.TryRead(Now, out var happened))
        {
            isRead = true;
            EventsOfA.Add(happened with { Payload = default });
        }

        while (IsBReading && B.TryRead(Now, out var happened))
        {
            isRead = true;
            EventsOfB.Add(happened with { Payload = default });
            if (happened.Kind == DataChannelEventKind.PeerOpened)
            {
                _opened.Add(happened.Channel!);
            }
            else if (happened.Kind == DataChannelEventKind.Message)
            {
                HeardByB.Add((happened.Channel!.Id, Encoding.UTF8.GetString(happened.Payload.Span), happened.IsText));
            }
        }

        return isRead;
    }
}
