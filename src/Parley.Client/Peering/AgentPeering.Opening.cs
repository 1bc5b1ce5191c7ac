using Google.Protobuf;
using Parley.Client.Peering.Handshakes;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <content>Sessions that this agent opens.</content>
public sealed partial class AgentPeering
{
    /// <inheritdoc/>
    public async Task<IPeerSession> OpenAsync(string target, PeerPurpose purpose, CancellationToken cancellationToken)
    {
        var id = new byte[SessionProof.SessionSize];
        _random(id);
        var parts = MakeParts(id, purpose, self => Handshake.Open(self, PeerPurposeName.ToWire(purpose), id));
        var key = KeyOf(id);
        var opening = new Opening();
        _openings[key] = opening;
        try
        {
            if (_ended is { } ended)
            {
                throw ended;
            }

            var (answer, from, end) = await AskAsync(target, parts, opening, cancellationToken);
            CheckMeant(target, from);
            parts.Handshake.TakeAnswer(answer, from);
            var trust = await Known.MeetAsync(_profile.HubId, from, parts.Handshake.Remote.Identity, cancellationToken);
            var session = new PeerSession(parts, end, trust);
            _sessions[key] = session;
            if (_ended is { } late)
            {
                // The link ended while the key was looked up: nobody else tells this session.
                session.End(late);
            }

            session.Confirm();
            return session;
        }
        catch
        {
            parts.Dispose();
            throw;
        }
        finally
        {
            _openings.TryRemove(key, out _);
        }
    }

    /// <summary>Says the offer until somebody answers it: whoever accepts may come later, and either link may break meanwhile.</summary>
    private async Task<(PeerAnswer Answer, AgentAddress From, byte[] End)> AskAsync(string target, SessionParts parts, Opening opening, CancellationToken cancellationToken)
    {
        var payload = new PeerSignal { Offer = parts.Handshake.Offer }.ToByteString();
        for (uint attempt = 1; ; attempt++)
        {
            _link.Send(new Signal { Session = ByteString.CopyFrom(parts.Id), To = target, Purpose = PeerPurposeName.ToWire(parts.Purpose), Attempt = attempt, Payload = payload });
            try
            {
                return await opening.Answer.Task.WaitAsync(_options.RepeatEvery, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Nobody yet.
            }
        }
    }

    /// <summary>The hub resolves a bare name; that it means the agent which this home knows by that name, and not another, is checked here.</summary>
    private void CheckMeant(string target, AgentAddress answering)
    {
        if (AgentAddress.TryParse(target, out var meant) ? meant != answering : target != answering.Name)
        {
            throw new ParleyException(ErrorCode.PeerProof, $"{answering} answered in the place of {PlainText.Of(target)}.");
        }

        if (target == answering.Name && answering.Owner != _profile.Agent.Owner &&
            Known.List(_profile.HubId).FirstOrDefault(known => known.Address.Name == target && known.Address != answering) is { } other)
        {
            throw new ParleyException(ErrorCode.PeerKeyChanged, $"This home knows {target} as {other.Address}, and {answering} answered. Write the whole address.");
        }
    }

    /// <summary>An offer that waits for its answer.</summary>
    private sealed class Opening
    {
        public TaskCompletionSource<(PeerAnswer Answer, AgentAddress From, byte[] End)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
