using Microsoft.AspNetCore.Http;
using Parley.Protocol.Formats;

namespace Parley.Hub.Transports.Http;

/// <summary>From where a request came, as rates are counted.</summary>
internal static class CallerAddress
{
    /// <summary>The text that rates are counted by.</summary>
    public static string Of(HttpContext context) => AddressBlock.Of(context.Connection.RemoteIpAddress);
}
