using Parley.Gateway.A2a;
using Parley.Gateway.Client.Bindings;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client;

/// <summary>Makes the client of an interface.</summary>
public static class A2aClient
{
    /// <summary>The client; nothing is called yet.</summary>
    /// <param name="invoker">Sends the requests: the caller decides what may be called and closes it. It must not follow redirects.</param>
    /// <param name="endpoint">The interface.</param>
    /// <param name="options">Proof, limits, clock.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for an address that is neither http nor https.</exception>
    public static IA2aClient Create(HttpMessageInvoker invoker, A2aEndpoint endpoint, A2aClientOptions options)
    {
        if (!endpoint.Url.IsAbsoluteUri || (endpoint.Url.Scheme != Uri.UriSchemeHttps && endpoint.Url.Scheme != Uri.UriSchemeHttp))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "An agent's address starts with https:// or http://.");
        }

        var isOld = endpoint.Version == A2aVersion.V03;
        if (endpoint.Binding == A2aBinding.Grpc)
        {
            var caller = new GrpcCaller(invoker, endpoint, options);
            return isOld ? new GrpcV03Client(caller) : new GrpcV1Client(caller);
        }

        var http = new A2aHttp(invoker, endpoint, options);
        return endpoint.Binding == A2aBinding.JsonRpc
            ? isOld ? new JsonRpcV03Client(new JsonRpcCaller(http)) : new JsonRpcV1Client(new JsonRpcCaller(http))
            : isOld ? new RestV03Client(new RestCaller(http)) : new RestV1Client(new RestCaller(http));
    }
}
