using System.Globalization;
using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>A relay and who may use it.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="User">User name of long-term credentials: at most 508 bytes of UTF-8.</param>
/// <param name="Password">Its password.</param>
public sealed record TurnServer(TransportAddress Address, string User, string Password)
{
    /// <summary>User name of long-term credentials: at most 508 bytes of UTF-8.</summary>
    /// <exception cref="ParleyException">It is longer (<c>invalid_argument</c>).</exception>
    public string User { get; init => field = Checked(value); } = Checked(User);

    /// <summary>How it is spoken to.</summary>
    public TurnTransport Transport { get; init; }

    /// <summary>Address and user; never the password.</summary>
    public override string ToString() => $"{User}@{Address}";

    /// <summary>A user name that a request has room for.</summary>
    /// <exception cref="ParleyException">It is longer (<c>invalid_argument</c>).</exception>
    public static string Checked(string user) => Encoding.UTF8.GetByteCount(user) <= StunWriter.MaxUserNameBytes
        ? user
        : throw new ParleyException(ErrorCode.InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"The user name of a relay has at most {StunWriter.MaxUserNameBytes} bytes."));
}
