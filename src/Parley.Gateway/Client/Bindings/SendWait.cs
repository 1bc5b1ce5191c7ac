using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client.Bindings;

/// <summary>How long a send may take.</summary>
internal static class SendWait
{
    /// <summary>Long where the answer is waited for, short where it is not.</summary>
    public static TimeSpan Of(A2aClientOptions options, SendMessageRequest request) =>
        request.Configuration?.ReturnImmediately == true ? options.CallTimeout : options.SendTimeout;
}
