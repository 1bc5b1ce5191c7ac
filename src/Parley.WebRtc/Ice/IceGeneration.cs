using System.Text;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>The credentials of both sides between two restarts.</summary>
internal sealed class IceGeneration(IceCredentials local)
{
    private const int MaxUserName = 513;

    /// <summary>Ours: checks to us are signed with them.</summary>
    public IceCredentials Local => local;

    /// <summary>Key of checks to us.</summary>
    public byte[] LocalKey { get; } = StunKey.ShortTerm(local.Password);

    /// <summary>The peer's; null until they are signalled.</summary>
    public IceCredentials? Remote { get; private set; }

    /// <summary>Key of checks to the peer.</summary>
    public byte[] RemoteKey { get; private set; } = [];

    /// <summary>User name of checks to the peer.</summary>
    public string UserName { get; private set; } = string.Empty;

    /// <summary>The peer's became known.</summary>
    public void SetRemote(IceCredentials remote)
    {
        Remote = remote;
        RemoteKey = StunKey.ShortTerm(remote.Password);
        UserName = $"{remote.User}:{local.User}";
    }

    /// <summary>A check to us bears these names: ours, and the peer's if it is known.</summary>
    public bool IsNamedBy(ReadOnlySpan<byte> userName)
    {
        Span<char> text = stackalloc char[MaxUserName];
        if (userName.Length > text.Length || !Encoding.UTF8.TryGetChars(userName, text, out var count))
        {
            return false;
        }

        text = text[..count];
        var colon = text.IndexOf(':');
        return colon > 0 && text[..colon].SequenceEqual(local.User) && (Remote is null || text[(colon + 1)..].SequenceEqual(Remote.User));
    }
}
