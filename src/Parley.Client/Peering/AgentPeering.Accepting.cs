using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.HubLink;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Udp;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <content>Sessions that other agents open. One thread handles their signals.</content>
public sealed partial class AgentPeering
{
    private const int MaxHandshakesPerAgent = 8;

    private void TakeOffer(Signal signal, PeerOffer offer, AgentAddress from)
    {
        if (PeerPurposeName.FromWire(signal.Purpose) is not { } purpose || !_accepted.ContainsKey(purpose))
        {
            return;
        }

        var key = KeyOf(signal.Session);
        if (_accepting.TryGetValue(key, out var present))
        {
            if (present.IsFrom(from, signal.FromEnd))
            {
                Answer(present);
            }

            return;
        }

        DropStale();
        if (!HasRoomFor(from))
        {
            // It is said again, and there may be room then.
            return;
        }

        var id = signal.Session.ToByteArray();
        var parts = MakeParts(id, purpose, self => Handshake.Accept(self, signal.Purpose, id, offer, from));
        var accepting = new Accepting(parts, from, signal.FromEnd.ToByteArray(), _time.GetTimestamp());
        _accepting.Add(key, accepting);
        Answer(accepting);
    }

    private bool HasRoomFor(AgentAddress from) =>
        _accepting.Count < _options.MaxHandshakes && _accepting.Values.Count(other => other.Remote == from) < MaxHandshakesPerAgent
        && _sessions.Count < _options.MaxSessions && _sessions.Values.Count(session => session.Remote == from) < _options.MaxSessionsPerAgent;

    private void Answer(Accepting accepting) => _link.Send(new Signal
    {
        Session = ByteString.CopyFrom(accepting.Parts.Id),
        To = accepting.Remote.ToString(),
        ToEnd = ByteString.CopyFrom(accepting.RemoteEnd),
        Purpose = PeerPurposeName.ToWire(accepting.Parts.Purpose),
        Payload = new PeerSignal { Answer = accepting.Parts.Handshake.Answer }.ToByteString(),
    });

    private async Task TakeConfirmAsync(string key, Accepting accepting, PeerSignal signal)
    {
        if (signal.BodyCase != PeerSignal.BodyOneofCase.Confirm)
        {
            // Sealed already: the confirmation was lost. The answer, said again, brings it again.
            Answer(accepting);
            return;
        }

        _accepting.Remove(key);
        try
        {
            accepting.Parts.Handshake.TakeConfirm(signal.Confirm);
        }
        catch
        {
            accepting.Parts.Dispose();
            throw;
        }

        var trust = PeerTrust.FirstMeeting;
        ParleyException? refusal = null;
        try
        {
            trust = await Known.MeetAsync(_profile.HubId, accepting.Remote, accepting.Parts.Handshake.Remote.Identity, _stopping.Token);
        }
        catch (ParleyException exception)
        {
            LogUnknownKey(accepting.Remote.ToString(), exception.Message);
            refusal = new ParleyException(exception.Code, exception.Code == ErrorCode.PeerKeyChanged ? "your key is not the one that is known there." : "it cannot note your key.");
        }
        catch (OperationCanceledException)
        {
            accepting.Parts.Dispose();
            throw;
        }
        catch (Exception exception)
        {
            LogUnnoted(accepting.Remote.ToString(), exception);
            refusal = new ParleyException(ErrorCode.Unavailable, "it cannot note your key: its disk may be full.");
        }

        var session = new PeerSession(accepting.Parts, accepting.RemoteEnd, trust);
        if (refusal is not null)
        {
            session.SayClose(refusal);
            await session.DisposeAsync();
            return;
        }

        _sessions[key] = session;
        if (!_accepted[accepting.Parts.Purpose].Writer.TryWrite(session))
        {
            await session.DisposeAsync();
        }
    }

    private void DropStale()
    {
        foreach (var (key, accepting) in _accepting.Where(entry => _time.GetElapsedTime(entry.Value.Since) > _options.HandshakeTimeout).ToList())
        {
            _accepting.Remove(key);
            accepting.Parts.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a session of {Agent}: {Reason}")]
    private partial void LogUnknownKey(string agent, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The key of {Agent} could not be noted, so its session was refused")]
    private partial void LogUnnoted(string agent, Exception exception);

    /// <summary>An opener that has not proved itself yet.</summary>
    private sealed record Accepting(SessionParts Parts, AgentAddress Remote, byte[] RemoteEnd, long Since)
    {
        public bool IsFrom(AgentAddress agent, ByteString end) => Remote == agent && RemoteEnd.AsSpan().SequenceEqual(end.Span);
    }

    /// <summary>What the link tells: envelopes are not for a peering.</summary>
    private sealed class LinkWatch(AgentPeering owner) : ILinkEvents
    {
        public void OnDelivery(IncomingEnvelope incoming)
        {
        }

        public void OnReceipt(Receipt receipt)
        {
        }

        public void OnConnected(Welcome welcome)
        {
            owner._profile = owner._profile.Learn(owner._home, welcome.Address);
            owner._hubStun = welcome.StunPort is > 0 and <= ushort.MaxValue ? new IceServer(owner._profile.Http.DnsSafeHost, (int)welcome.StunPort) : null;
        }

        public void OnDisconnected(string reason)
        {
        }
    }
}
