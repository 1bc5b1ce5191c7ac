using Google.Protobuf;

namespace Parley.Gateway.Client.Bindings;

/// <summary>Echoes the tenant that an interface of a card names.</summary>
internal static class Tenants
{
    private const string Name = "tenant";

    /// <summary>The request, with the interface's tenant where it names none itself. The caller's message stays as it is.</summary>
    public static T Fill<T>(A2aEndpoint endpoint, T request)
        where T : class, IMessage<T>, IDeepCloneable<T>
    {
        var field = request.Descriptor.FindFieldByName(Name);
        if (endpoint.Tenant.Length == 0 || ((string)field.Accessor.GetValue(request)).Length > 0)
        {
            return request;
        }

        var filled = request.Clone();
        field.Accessor.SetValue(filled, endpoint.Tenant);
        return filled;
    }

    /// <summary>The tenant that a request names.</summary>
    public static string Of(IMessage request) => (string)request.Descriptor.FindFieldByName(Name).Accessor.GetValue(request);
}
