using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>Relays that are spoken to over connections of their own, which somebody else makes.</summary>
public sealed partial class IceAgent
{
    private int _expectedRelays;

    /// <summary>A connection to a relay is being made: candidates are not complete before <see cref="AddRelay"/> or <see cref="RefuseRelay"/>.</summary>
    public void ExpectRelay() => _expectedRelays++;

    /// <summary>A connection to a relay stands; an address there is asked for over it. It ends with <see cref="RemoveLocal"/>.</summary>
    /// <param name="server">The relay.</param>
    /// <param name="local">Our end of the connection; messages for the relay name it as their source.</param>
    /// <param name="now">The time.</param>
    public void AddRelay(TurnServer server, TransportAddress local, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(server);
        _now = now;
        _expectedRelays--;
        if (State != IceState.Closed && !IsSettled)
        {
            _relays.Add(new TurnClient(server, local, _random));
        }

        EvaluateGathering();
    }

    /// <summary>No connection to a relay came about.</summary>
    /// <param name="server">Which, for people.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The time.</param>
    public void RefuseRelay(string server, string reason, TimeSpan now)
    {
        _now = now;
        _expectedRelays--;
        Skip(server, reason);
        EvaluateGathering();
    }
}
