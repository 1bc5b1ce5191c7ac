using Parley.Client.Config;
using Parley.Protocol.Errors;

namespace Parley.Client.HubLink;

/// <summary>Opens the link over gRPC, or over WebSocket where that does not pass; remembers what worked last (DECISIONS 16).</summary>
public sealed class AutoLinkDialer : ILinkDialer
{
    /// <summary>How long the way that is tried first may take: a third of what a dial may take in all (<see cref="HubLinkOptions.ConnectTimeout"/>).</summary>
    private static readonly TimeSpan _firstShare = TimeSpan.FromSeconds(5);

    private readonly ILinkDialer _usual;
    private readonly ILinkDialer _other;
    private readonly HubProfile _profile;
    private readonly TimeProvider _time;
    private bool _prefersOther;
    private bool _usedOther;

    /// <summary>A dialer for the hub of a profile.</summary>
    /// <param name="profile">Which hub.</param>
    /// <param name="time">Clock.</param>
    public AutoLinkDialer(HubProfile profile, TimeProvider time)
        : this(new GrpcLinkDialer(profile), new WebSocketLinkDialer(profile), profile, time)
    {
    }

    private AutoLinkDialer(ILinkDialer usual, ILinkDialer other, HubProfile profile, TimeProvider time) => (_usual, _other, _profile, _time) = (usual, other, profile, time);

    /// <summary>A dialer for relay circuits, which go the same ways; a circuit is one stream of many bytes, which a WebSocket carries with less work than HTTP/2.</summary>
    public static AutoLinkDialer ForRelay(HubProfile profile, TimeProvider time) =>
        new(new WebSocketLinkDialer(profile, "/api/relay"), new GrpcLinkDialer(profile, "/parley.v1.Link/Relay"), profile, time);

    /// <inheritdoc/>
    public async Task<DialedLink> DialAsync(CancellationToken cancellationToken)
    {
        var triesOther = _prefersOther;
        try
        {
            var link = await DialFirstAsync(triesOther ? _other : _usual, cancellationToken);
            _usedOther = triesOther;
            return link;
        }
        catch (ParleyException exception) when (exception.Code is not (ErrorCode.PinMismatch or ErrorCode.InvalidArgument))
        {
            try
            {
                var link = await (triesOther ? _usual : _other).DialAsync(cancellationToken);
                _prefersOther = _usedOther = !triesOther;
                return link;
            }
            catch (ParleyException)
            {
                // Neither way works: what the first one says is what the user set up.
                throw exception;
            }
        }
    }

    /// <inheritdoc/>
    public void OnUnanswered() => _prefersOther = !_usedOther;

    // A firewall that drops what it does not know says nothing, and nor does a proxy that keeps a stream to itself: the rest of the time is the second way's.
    private async Task<DialedLink> DialFirstAsync(ILinkDialer first, CancellationToken cancellationToken)
    {
        using var share = new CancellationTokenSource(_firstShare, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellationToken);
        try
        {
            return await first.DialAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.HubUnreachable, $"The hub at {_profile.Grpc.Authority} did not answer in time.");
        }
    }
}
