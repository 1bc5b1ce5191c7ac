using System.Text;
using System.Text.Unicode;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>Requests and what their answers change.</summary>
public sealed partial class TurnClient
{
    private const int Unauthorized = 401;
    private const int StaleNonce = 438;

    private void Ask(TurnRequest request)
    {
        request.Transaction = StunTransactionId.Make(_random);
        _requests.Add(request);
        Send(request);
    }

    private void Send(TurnRequest request)
    {
        var writer = new StunWriter(stackalloc byte[StunWriter.UsualRoom], StunClass.Request, request.Method, request.Transaction);
        switch (request.Method)
        {
            case StunMethod.Allocate:
                writer.Add(StunAttribute.RequestedTransport, (uint)Udp << 24);
                if (Local.IsIPv6)
                {
                    writer.Add(StunAttribute.RequestedAddressFamily, 2u << 24);
                }

                break;
            case StunMethod.Refresh when request.IsClosing:
                writer.Add(StunAttribute.Lifetime, 0u);
                break;
            case StunMethod.ChannelBind:
                writer.Add(StunAttribute.ChannelNumber, (uint)request.Channel << 16);
                writer.Add(StunAttribute.XorPeerAddress, request.Peer);
                break;
            case StunMethod.CreatePermission:
                writer.Add(StunAttribute.XorPeerAddress, request.Peer);
                break;
        }

        if (_key is { } key)
        {
            writer.Add(StunAttribute.Username, Server.User);
            writer.Add(StunAttribute.Realm, _realm);
            writer.Add(StunAttribute.Nonce, _nonce);
            writer.AddIntegrity(key);
        }

        _output.Enqueue(writer.Written.ToArray());
        request.Retry.Sent(_now, StunRetry.FirstWait);
    }

    private void OnAnswer(StunMessage message)
    {
        var transaction = message.Transaction;
        var index = _requests.FindIndex(request => request.Transaction == transaction);
        if (index < 0 || _requests[index].Method != message.Method)
        {
            return;
        }

        var request = _requests[index];
        if (message.Class == StunClass.Error)
        {
            OnError(message, index);
            return;
        }

        // A server signs what it answers to a signed request; whoever cannot, is not the server.
        if (_key is null || !message.IsIntegrityValid(_key))
        {
            return;
        }

        _requests.RemoveAt(index);
        switch (request.Method)
        {
            case StunMethod.Allocate:
                OnAllocated(message);
                break;
            case StunMethod.Refresh:
                Keep(message);
                break;
            default:
                OnPermitted(request);
                break;
        }
    }

    private void OnError(StunMessage message, int index)
    {
        var request = _requests[index];
        if (!message.TryGetError(out var code, out var reason))
        {
            return;
        }

        if (code is Unauthorized or StaleNonce && request.Challenges < MaxChallenges && TryLearn(message, code))
        {
            request.Challenges++;
            request.Transaction = StunTransactionId.Make(_random);
            request.Retry = default;
            Send(request);
            return;
        }

        _requests.RemoveAt(index);
        Refused(request, code switch
        {
            Unauthorized => "the relay does not take the user name or password (401)",
            486 => "the relay has given this user all addresses that it may have (486)",
            508 => "the relay has no address left (508)",
            403 => "the relay is not allowed to send there (403)",
            437 => "the relay has forgotten the allocation (437)",
            443 => "the relay's address is of another IP version (443)",
            _ => $"the relay refused: {code} {Printable(reason)}",
        });
    }

    /// <summary>Realm and nonce of a challenge.</summary>
    /// <returns>False when there is nothing new to sign with, so asking again would be refused again, and when they are not as the rules allow.</returns>
    private bool TryLearn(StunMessage message, int code)
    {
        if (!message.TryGet(StunAttribute.Nonce, out var nonce) || nonce.Length is 0 or > StunWriter.MaxTextBytes
            || !message.TryGet(StunAttribute.Realm, out var realm) || realm.Length > StunWriter.MaxTextBytes)
        {
            return false;
        }

        // Bytes that are no text would come back as others, and as more of them.
        if (!Utf8.IsValid(realm))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(realm);
        if (code == Unauthorized && _key is not null && _realm == text)
        {
            return false;
        }

        _nonce = nonce.ToArray();
        _realm = text;
        _key = StunKey.LongTerm(Server.User, text, Server.Password);
        return true;
    }

    private void OnAllocated(StunMessage message)
    {
        if (!message.TryGetAddress(StunAttribute.XorRelayedAddress, out var relayed) || relayed.IsAny || relayed.Port == 0)
        {
            Fail("the relay's answer names no address");
            return;
        }

        Relayed = relayed;
        Mapped = message.TryGetAddress(StunAttribute.XorMappedAddress, out var mapped) ? mapped : default;
        State = TurnState.Allocated;
        Keep(message);
    }

    /// <summary>Renews at half of the lifetime, so that a whole round of sendings fits in.</summary>
    private void Keep(StunMessage message)
    {
        var seconds = message.TryGetUInt32(StunAttribute.Lifetime, out var lifetime) ? Math.Clamp(lifetime, 30, 3600) : _defaultLifetime.TotalSeconds;
        _refreshAt = _now + TimeSpan.FromSeconds(seconds / 2);
    }

    /// <summary>A channel binding lets the peer in as well, so one request serves both.</summary>
    private void Renew(TurnPeer peer)
    {
        peer.RefreshAt = null;
        var method = peer.WantsChannel ? StunMethod.ChannelBind : StunMethod.CreatePermission;
        Ask(new TurnRequest(method, peer.Address, peer.Channel));
    }

    private void OnPermitted(TurnRequest request)
    {
        if (!_peers.TryGetValue(request.Peer, out var peer))
        {
            return;
        }

        peer.IsPermitted = true;
        peer.IsBound |= request.Method == StunMethod.ChannelBind;
        peer.Refusal = null;
        peer.RefreshAt = _now + _permissionRenewal;
    }

    private void Refused(TurnRequest request, string reason)
    {
        if (request.Method is StunMethod.Allocate or StunMethod.Refresh)
        {
            Fail(reason);
        }
        else if (_peers.TryGetValue(request.Peer, out var peer))
        {
            peer.Refusal = reason;
            peer.IsPermitted = peer.IsBound = false;
            peer.RefreshAt = _now + _retryRefused;
        }
    }

    private void Fail(string reason)
    {
        Failure = reason;
        End(TurnState.Failed);
    }

    private static string Printable(ReadOnlySpan<byte> reason) =>
        string.Concat(Encoding.UTF8.GetString(reason[..Math.Min(reason.Length, 80)]).Where(letter => !char.IsControl(letter)));
}
